/* What every page does: htmx with the form token, the live rooms, and the word when the net is gone. */

import htmx from "../vendor/htmx.esm.js";
import { follow } from "./live.js";
import "./offline.js";

const token = document.querySelector('meta[name="csrf-token"]').content;
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = token;
});

/* An element with data-room="document:7" is fetched anew whenever its room has news: htmx listens for `changed` on it. */
const followed = new WeakSet();
function followRooms(root) {
  for (const element of [root, ...root.querySelectorAll("[data-room]")]) {
    if (!element.dataset?.room || followed.has(element)) continue;
    followed.add(element);
    follow(element.dataset.room, () => htmx.trigger(element, "changed"));
  }
}
document.addEventListener("DOMContentLoaded", () => followRooms(document));
document.addEventListener("htmx:load", (event) => followRooms(event.detail.elt));
if (document.readyState !== "loading") followRooms(document);

/* A dangerous button asks first: data-confirm holds the question. */
document.addEventListener("submit", (event) => {
  const question = event.submitter?.dataset.confirm;
  if (question && !window.confirm(question)) event.preventDefault();
});
