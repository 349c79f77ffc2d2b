/* The page of one vote, and the form that prepares one: the ballot as in the room, the countdown, and only the fields that matter. */

import { start } from "./ballot.js";
import { run } from "./meeting-clock.js";

const page = document.getElementById("vote-page");
if (page) {
  start(page);
  run();
}

const form = document.getElementById("vote-form");
function showWhatMatters() {
  for (const part of form.querySelectorAll("[data-for]")) part.hidden = !part.dataset.for.split(" ").includes(form.elements.kind.value);
}
form?.addEventListener("change", showWhatMatters);
if (form) showWhatMatters();
