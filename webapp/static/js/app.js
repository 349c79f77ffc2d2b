/* What every page does: htmx with the form token, the live rooms, and the word when the net is gone. */

import htmx from "../vendor/htmx.esm.js";
import { follow } from "./live.js";
import "./offline.js";
import "./picker.js";
import "./sign-out.js";

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

/* A form that is on its way is not sent a second time by an impatient press. Whoever answers a submit by script has done so before
   it comes up to the window. What is downloaded leaves the page standing: then the form may go again after a moment. */
const AGAIN_MS = 3000, UPLOAD_MS = 30_000;
const sent = new WeakMap();
window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  const patience = form.enctype === "multipart/form-data" ? UPLOAD_MS : AGAIN_MS;
  if (Date.now() - (sent.get(form) ?? -Infinity) < patience) event.preventDefault();
  else sent.set(form, Date.now());
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => sent.delete(form)));
