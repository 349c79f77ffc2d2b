/* Signing out of a tablet that the next person takes up: what waits here is sent first; what cannot be sent is told before it is lost. */

import { sendUnsent, unsent } from "./meeting-acts.js";
import { sendWaiting, waiting } from "./note-outbox.js";
import { leave } from "./own.js";

const PATIENCE_MS = 5000;
const count = () => waiting().length + unsent().length;

async function signOut(form) {
  const late = new Promise((done) => setTimeout(done, PATIENCE_MS));
  await Promise.race([Promise.allSettled([sendWaiting(), sendUnsent()]), late]);
  if (count() && !window.confirm(form.dataset.unsent.replace("{n}", count()))) return;
  leave();
  form.submit();
}

window.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.dataset.unsent === undefined) return;
  if (!count()) return leave();
  event.preventDefault();
  if (form.dataset.busy !== undefined) return;
  form.dataset.busy = "";
  signOut(form).finally(() => delete form.dataset.busy);
});
