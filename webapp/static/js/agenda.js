/* The agenda by dragging, and without leaving the page: steps are posted by script and the list is fetched anew.
   Without this file the same buttons work as plain forms. */

import htmx from "../vendor/htmx.esm.js";

const list = () => document.querySelector("#agenda");
const token = () => document.querySelector('meta[name="csrf-token"]').content;

async function send(address, values, focus) {
  const form = new URLSearchParams({ ...values, act_id: crypto.randomUUID?.() ?? String(Math.random()) });
  const answer = await fetch(address, { method: "POST", body: form, headers: { "X-Live": "1", "X-CSRFToken": token(), Accept: "application/json" } });
  if (!answer.ok) window.alert((await answer.json().catch(() => ({}))).message ?? answer.statusText);
  await htmx.ajax("GET", list().dataset.address, { target: "#agenda", swap: "outerHTML" });
  focus?.();
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form.steps");
  if (!form) return;
  event.preventDefault();
  const item = form.closest("[data-item]").id;
  const move = event.submitter.value;
  send(form.action, { move }, () => document.querySelector(`#${item} button[value="${move}"]:not(:disabled), #${item} .step:not(:disabled)`)?.focus());
});

/* Dragging: an item dropped on the upper half of another stands before it, on the lower half after it, at the same level. */
let dragged = null;

document.addEventListener("pointerdown", (event) => {
  const item = event.target.closest(".handle")?.closest("[data-item]");
  if (item) item.draggable = true;
});
document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("[data-item]");
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const item = event.target.closest?.("[data-item]");
  if (!dragged || !item || item === dragged) return;
  event.preventDefault();
  const box = item.getBoundingClientRect();
  clear();
  item.classList.add(event.clientY < box.top + box.height / 2 ? "drop-before" : "drop-after");
});
document.addEventListener("drop", (event) => {
  const item = event.target.closest?.("[data-item]");
  if (!dragged || !item || item === dragged) return;
  event.preventDefault();
  const parent = item.dataset.parent;
  const before = item.classList.contains("drop-before") ? item.dataset.item : next(item, parent);
  send(`${location.pathname}/items/${dragged.dataset.item}/place`, { parent, before });
});
document.addEventListener("dragend", () => {
  clear();
  if (dragged) dragged.draggable = false;
  dragged = null;
});

function next(item, parent) {
  for (let other = item.nextElementSibling; other; other = other.nextElementSibling) {
    if (other.dataset.parent === parent && other !== dragged) return other.dataset.item;
  }
  return "";
}

function clear() {
  for (const item of document.querySelectorAll(".drop-before, .drop-after")) item.classList.remove("drop-before", "drop-after");
}
