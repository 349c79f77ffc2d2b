/* A field in which somebody or something is picked out of many: what is typed is asked of the server, what it answers is a list that
   arrows go through, what is picked stands before it and goes again. It is made of the rows and the button that do without a script. */

import { whose } from "./own.js";

const PAUSE_MS = 200; // of a hand that types on
const PATIENCE_MS = 10_000;

let made = 0;

function element(tag, attributes = {}, ...inside) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) one.setAttribute(name, value);
  one.append(...inside);
  return one;
}

const wordsOf = ({ name, about, past }) => [
  element("span", { class: "name" }, name),
  ...(about ? [" ", element("span", { class: "beside" }, about)] : []),
  ...(past ? [" ", element("span", { class: "past" }, `(${past})`)] : []),
];

class Picker {
  constructor(field) {
    this.field = field;
    this.words = field.dataset;
    this.isMany = "many" in field.dataset;
    this.input = field.querySelector(".search input");
    this.number = made++;
    this.rows = [];
    this.active = -1;
    this.picked = [];
    this.build();
    this.listen();
  }

  build() {
    const { field, input } = this;
    const label = field.querySelector("label");
    this.list = element("ul", { role: "listbox", id: `picker-${this.number}`, "aria-label": label.firstChild.textContent.trim() });
    this.rest = element("p", { class: "rest" });
    this.popup = element("div", { class: "popup", hidden: "" }, this.list, this.rest);
    this.chips = element("ul", { class: "chips", hidden: "" });
    this.status = element("p", { class: "visually-hidden", role: "status" });
    const facts = { role: "combobox", "aria-expanded": "false", "aria-controls": this.list.id, "aria-autocomplete": "list", "aria-haspopup": "listbox" };
    for (const [name, value] of Object.entries(facts)) input.setAttribute(name, value);
    for (const row of field.querySelectorAll(".to-tick input:checked")) if (row.value) this.add(readRow(row));
    field.querySelector(".search button").remove();
    for (const one of field.querySelectorAll(".to-tick, .counted, :scope > .rest, :scope > input[type=hidden]")) one.remove();
    input.parentElement.before(this.chips);
    input.parentElement.append(this.popup);
    field.append(this.status);
  }

  listen() {
    const { input } = this;
    input.addEventListener("input", () => this.askSoon());
    input.addEventListener("click", () => { if (this.popup.hidden) this.ask(); });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => this.close());
    this.popup.addEventListener("mousedown", (event) => event.preventDefault()); // the keyboard stays in the field
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.take(Number(option.dataset.at));
    });
    this.chips.addEventListener("click", (event) => {
      const chip = event.target.closest("button")?.parentElement;
      if (!chip) return;
      this.drop(chip.dataset.key);
      input.focus();
    });
  }

  key(event) {
    if (event.isComposing) return;
    const isOpen = !this.popup.hidden;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (isOpen) this.move(event.key === "ArrowDown" ? 1 : -1);
      else this.ask();
    } else if (event.key === "Enter" && (isOpen || this.input.value.trim())) {
      event.preventDefault(); // a form is not sent while a name is being looked for
      if (this.active >= 0) this.take(this.active);
      else if (!isOpen) this.ask();
    } else if (event.key === "Escape" && (isOpen || this.input.value)) {
      event.preventDefault();
      if (isOpen) this.close();
      else this.input.value = "";
    } else if (event.key === "Backspace" && !this.input.value && this.picked.length) {
      event.preventDefault();
      this.drop(this.picked.at(-1).key);
    }
  }

  askSoon() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.ask(), PAUSE_MS);
  }

  async ask() {
    clearTimeout(this.soon);
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    const patience = setTimeout(() => asking.abort(), PATIENCE_MS);
    const address = `${this.words.source}${this.words.source.includes("?") ? "&" : "?"}q=${encodeURIComponent(this.input.value.trim())}`;
    try {
      const answer = await fetch(address, { headers: { Accept: "application/json", ...whose() }, cache: "no-store", signal: asking.signal });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      const found = await answer.json();
      if (this.asking === asking) this.show(found);
    } catch {
      if (this.asking === asking) this.show({ rows: [], said: this.words.lost, rest: "" });
    } finally {
      clearTimeout(patience);
    }
  }

  show({ rows, said, rest }) {
    if (document.activeElement !== this.input) return;
    this.rows = rows;
    this.active = -1;
    this.list.replaceChildren(...rows.map((row, at) => this.option(row, at)));
    this.list.hidden = rows.length === 0;
    this.rest.textContent = rows.length === 0 ? said : rest;
    this.rest.hidden = !this.rest.textContent;
    this.say([said, rest].filter(Boolean).join(" "));
    this.popup.hidden = false;
    this.input.setAttribute("aria-expanded", String(rows.length > 0));
    this.input.removeAttribute("aria-activedescendant");
  }

  option(row, at) {
    const isPicked = this.picked.some(({ key }) => key === row.key);
    return element("li", { role: "option", id: `${this.list.id}-${at}`, "data-at": at, "aria-selected": String(isPicked) }, ...wordsOf(row));
  }

  move(by) {
    if (!this.rows.length) return;
    this.list.children[this.active]?.classList.remove("active");
    this.active = (Math.max(this.active, by < 0 ? 0 : -1) + by + this.rows.length) % this.rows.length;
    const option = this.list.children[this.active];
    option.classList.add("active");
    option.scrollIntoView?.({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", option.id);
  }

  close() {
    clearTimeout(this.soon);
    this.asking = null;
    this.popup.hidden = true;
    this.active = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  take(at) {
    const row = this.rows[at];
    const isPicked = this.picked.some(({ key }) => key === row.key);
    if (isPicked && this.isMany) this.drop(row.key);
    else {
      if (!this.isMany) for (const { key } of [...this.picked]) this.remove(key);
      this.add(row);
      this.say(`${this.words.picked}: ${inOneLine(row)}`);
    }
    this.input.value = "";
    this.close();
  }

  add(row) {
    const kept = element("input", { type: "hidden", name: this.words.name, value: row.key });
    const button = element("button", { type: "button", class: "quiet", "aria-label": `${this.words.drop} ${inOneLine(row)}` }, "✕");
    this.picked.push(row);
    this.chips.append(element("li", { "data-key": row.key }, element("span", { class: "candidate" }, ...wordsOf(row)), kept, button));
    this.chips.hidden = false;
  }

  drop(key) {
    const row = this.picked.find((one) => one.key === key);
    this.remove(key);
    this.say(`${this.words.dropped}: ${inOneLine(row)}`);
  }

  remove(key) {
    this.picked = this.picked.filter((one) => one.key !== key);
    for (const chip of [...this.chips.children]) if (chip.dataset.key === key) chip.remove();
    this.chips.hidden = this.picked.length === 0;
  }

  say(words) {
    this.status.textContent = words;
  }
}

const inOneLine = ({ name, about, past }) => [name, about, past].filter(Boolean).join(", ");

function readRow(row) {
  const text = (selector) => row.parentElement.querySelector(selector)?.textContent ?? "";
  return { key: row.value, name: text(".name"), about: text(".beside"), past: text(".past").replace(/^\(|\)$/g, "") };
}

export function makePickers(root) {
  for (const field of root.querySelectorAll(".picker")) {
    if (field.dataset.made) continue;
    field.dataset.made = "1";
    new Picker(field);
  }
}

makePickers(document);
document.addEventListener("htmx:load", (event) => makePickers(event.detail.elt));
