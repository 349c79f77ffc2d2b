/* One's own notes on a page: words are chosen by dragging, or by touching the first and then the last; highlights are drawn over the
   page and listed beside it. What is written waits on this device until the server has taken it, and goes in the order it was written. */

import { freshKey } from "./meeting-acts.js";
import { PATIENCE_MS, put, sendWaiting, waiting } from "./note-outbox.js";

const COLOURS = ["yellow", "green", "pink"];

const find = (selector) => document.querySelector(selector);

let notes = [];
let chosen = null; // {start, end}: words of the page
let isDragging = false;
let loadedFor = "";
let written = 0; // how often something was written here

const desk = () => find("#desk");
const address = () => desk()?.dataset.notes;
const page = () => Number(desk().dataset.page);
const words = () => find("#notes-panel").dataset.words.split("|");
const rects = () => [...document.querySelectorAll(".paper-page rect[data-w]")];

function send(to, body) {
  written += 1;
  put(to, body);
  return sendWaiting(say);
}

/* The notes as they will be once everything that waits has arrived. */
function withWaiting(all) {
  const here = waiting().filter(({ to }) => to.startsWith(`${address()}/`));
  return here.reduce((found, { to, body }) => {
    const [key] = to.slice(address().length + 1).split("/");
    return [...found.filter((note) => note.key !== key), ...(body ? [{ ...body, key }] : [])];
  }, all);
}

function say(isOver, sentence) {
  const state = find(".notes-state");
  if (state) state.textContent = sentence ?? words()[isOver ? 5 : 6];
}

async function load() {
  if (!address()) return;
  if (loadedFor !== address()) notes = [];
  loadedFor = address();
  find("#notes-panel").hidden = false;
  await sendWaiting(say);
  const [from, before] = [address(), written];
  const told = await ask(from).catch(() => null);
  if (address() !== from) return; // the page was turned to another paper meanwhile
  if (written !== before) return load();
  notes = withWaiting(told ?? notes);
  draw();
}

async function ask(from) {
  const answer = await fetch(from, { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
  return answer.ok ? (await answer.json()).notes : null;
}

/* Drawing. */

function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function draw() {
  const layer = find("#own-notes");
  const here = notes.filter((note) => note.page === page());
  if (layer) {
    layer.replaceChildren(
      ...here.flatMap((note) =>
        note.boxes.map(([x, y, width, height]) => svg("rect", { class: `own ${note.colour}`, x, y, width, height, "data-note": note.key })),
      ),
    );
  }
  const list = find(".own-notes");
  if (!list) return;
  const empty = document.createElement("li");
  empty.className = "quiet";
  empty.textContent = words()[10];
  const held = list.querySelector("textarea:focus")?.closest("li");
  const rows = here.map((note) => (held?.id === `note-${note.key}` ? held : row(note)));
  lay(list, rows.length ? rows : [empty], held);
}

/* Lay rows into the list; the one somebody writes in is not touched, for it would lose what was typed. */
function lay(list, rows, held) {
  const at = rows.indexOf(held);
  if (at < 0) return list.replaceChildren(...rows);
  for (const other of [...list.children]) if (other !== held) other.remove();
  held.before(...rows.slice(0, at));
  held.after(...rows.slice(at + 1));
}

function button(text, act, look = "quiet") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = look;
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function row(note) {
  const item = document.createElement("li");
  item.className = `own-note ${note.colour}`;
  item.id = `note-${note.key}`;
  const quote = document.createElement("blockquote");
  quote.textContent = note.quote;
  const text = document.createElement("textarea");
  text.value = note.text;
  text.rows = note.text ? 3 : 1;
  text.maxLength = 5000;
  text.placeholder = words()[1];
  text.setAttribute("aria-label", words()[11]);
  text.addEventListener("change", () => keep({ ...note, text: text.value }));
  const acts = document.createElement("div");
  acts.className = "note-acts";
  acts.append(button(words()[3], () => keep({ ...note, text: text.value })), button(words()[2], () => remove(note)));
  item.append(quote, text, acts);
  return item;
}

function keep(note) {
  notes = [...notes.filter((one) => one.key !== note.key), note];
  draw();
  const { key, ...values } = note;
  return send(`${address()}/${key}`, values);
}

function remove(note) {
  notes = notes.filter((one) => one.key !== note.key);
  draw();
  return send(`${address()}/${note.key}/remove`);
}

/* Choosing words. */

function wordAt(event) {
  const under = document.elementFromPoint(event.clientX, event.clientY)?.closest?.(".paper-page rect[data-w]");
  return under ? Number(under.dataset.w) : null;
}

function choose(start, end) {
  chosen = start === null ? null : { start: Math.min(start, end), end: Math.max(start, end), from: start };
  for (const rect of rects()) {
    const index = Number(rect.dataset.w);
    rect.classList.toggle("chosen", chosen !== null && index >= chosen.start && index <= chosen.end);
  }
  bar();
}

function bar() {
  find(".note-bar")?.remove();
  if (!chosen || isDragging) return;
  const made = document.createElement("div");
  made.className = "note-bar";
  made.setAttribute("role", "toolbar");
  made.setAttribute("aria-label", words()[0]);
  COLOURS.forEach((colour, place) => made.append(button(words()[7 + place], () => mark(colour), `swatch ${colour}`)));
  made.append(button(words()[1], () => mark("yellow", true), ""), button(words()[4], () => choose(null)));
  find("#sheet").after(made);
}

function lineBoxes(chosenRects) {
  const lines = new Map();
  for (const rect of chosenRects) {
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(rect.getAttribute(name)));
    const box = lines.get(rect.dataset.line);
    lines.set(rect.dataset.line, box
      ? [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x + width), Math.max(box[3], y + height)]
      : [x, y, x + width, y + height]);
  }
  return [...lines.values()].map(([left, top, right, bottom]) => [left, top, right - left, bottom - top].map((edge) => Math.min(1, Math.max(0, edge))));
}

function mark(colour, isNote = false) {
  const texts = [...document.querySelectorAll(".transcript [data-w]")].map((word) => word.textContent);
  const { start, end } = chosen;
  const note = {
    key: freshKey(),
    page: page(),
    boxes: lineBoxes(rects().filter((rect) => Number(rect.dataset.w) >= start && Number(rect.dataset.w) <= end)),
    quote: texts.slice(start, end + 1).join(" ").slice(0, 5000),
    before: texts.slice(Math.max(0, start - 8), start).join(" "),
    after: texts.slice(end + 1, end + 9).join(" "),
    colour,
    text: "",
  };
  choose(null);
  keep(note);
  if (isNote) find(`#note-${CSS.escape(note.key)} textarea`)?.focus();
}

document.addEventListener("pointerdown", (event) => {
  if (!address() || event.button !== 0 || !event.target.closest?.(".paper-page")) return;
  const word = wordAt(event);
  if (event.pointerType !== "mouse" || word === null) return;
  isDragging = true;
  choose(word, word);
});
document.addEventListener("pointermove", (event) => {
  if (!isDragging || !chosen) return;
  const word = wordAt(event);
  if (word !== null) choose(chosen.from, word);
});
document.addEventListener("pointerup", () => {
  if (!isDragging) return;
  isDragging = false;
  if (chosen && chosen.start === chosen.end) choose(null); // a mere click points at the word only
  bar();
});
document.addEventListener("click", (event) => {
  if (!address()) return;
  const own = event.target.closest?.("[data-note]");
  if (own) find(`#note-${CSS.escape(own.dataset.note)}`)?.scrollIntoView({ block: "nearest" });
  if (event.pointerType === "mouse" || !event.target.closest?.(".paper-page")) return;
  const word = wordAt(event);
  if (word === null) choose(null);
  else choose(chosen ? chosen.from : word, word); // the first touch begins, the second one ends
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && chosen) choose(null);
});

/* The words beside the page can be chosen as any text is. */
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (!address() || selection.isCollapsed || !selection.anchorNode?.parentElement?.closest(".transcript")) return;
  const ends = [selection.anchorNode, selection.focusNode].map((node) => node.parentElement?.closest("[data-w]")?.dataset.w);
  if (ends.every((end) => end !== undefined)) choose(Number(ends[0]), Number(ends[1]));
});

document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "desk") return;
  chosen = null;
  if (address() === loadedFor) {
    find("#notes-panel").hidden = false;
    draw();
  } else load();
});
addEventListener("online", load);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") load(); // what another device wrote meanwhile
});
load();
