/* The desk of a document: zoom, keys, and words that point at their boxes. Pages are turned by the links of the page itself,
   so everything here may be missing. Listeners stand on the document, for the desk is replaced with every page. */

import { ownKey } from "./own.js";

const STEPS = [50, 75, 100, 125, 150, 200, 300, 400]; // percent of the paper's own size
const REMEMBERED = ownKey("zoom");

const find = (selector) => document.querySelector(selector);

let zoom = sessionStorage.getItem(REMEMBERED) ?? "width"; // "width", "page" or percents

function naturalWidth(paper) {
  return Number(paper.dataset.width) || 794;
}

function fittingWidth(paper, kind) {
  const sheet = paper.parentElement;
  const style = getComputedStyle(sheet);
  const width = sheet.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  if (kind === "width") return width;
  const image = paper.querySelector("img");
  const height = sheet.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom);
  return Math.min(width, (height * image.getAttribute("width")) / image.getAttribute("height"));
}

function currentPercent(paper) {
  return Math.round((paper.getBoundingClientRect().width / naturalWidth(paper)) * 100);
}

function applyZoom() {
  const paper = find(".paper-page");
  const controls = find(".group.zoom");
  if (controls) controls.hidden = !paper;
  if (!paper) return;
  const width = Number(zoom) ? (naturalWidth(paper) * Number(zoom)) / 100 : fittingWidth(paper, zoom);
  paper.style.width = `${Math.round(width)}px`;
  find(".zoom-now").textContent = `${currentPercent(paper)} %`;
  for (const button of document.querySelectorAll("[data-zoom]")) {
    button.setAttribute("aria-pressed", String(button.dataset.zoom === zoom));
  }
}

/* Keep what is in the middle of the sheet in the middle. */
function setZoom(wanted) {
  const sheet = find("#sheet");
  const middle = [(sheet.scrollLeft + sheet.clientWidth / 2) / sheet.scrollWidth, (sheet.scrollTop + sheet.clientHeight / 2) / sheet.scrollHeight];
  zoom = wanted;
  sessionStorage.setItem(REMEMBERED, zoom);
  applyZoom();
  sheet.scrollTo(middle[0] * sheet.scrollWidth - sheet.clientWidth / 2, middle[1] * sheet.scrollHeight - sheet.clientHeight / 2);
}

function step(direction) {
  const paper = find(".paper-page");
  if (!paper) return;
  const now = currentPercent(paper);
  const next = direction > 0 ? STEPS.find((percent) => percent > now + 1) : STEPS.findLast((percent) => percent < now - 1);
  if (next) setZoom(String(next));
}

const zoomActs = {
  in: () => step(+1),
  out: () => step(-1),
  width: () => setZoom("width"),
  page: () => setZoom("page"),
};

function show(element) {
  element?.scrollIntoView({ block: "center", inline: "center" });
}

/* Bring what was asked for into sight, within the sheet and the panel only. */
function showCurrent() {
  const sheet = find("#sheet");
  const target = sheet?.querySelector("rect.evidence, rect.current");
  if (!target) return;
  const [box, frame] = [target.getBoundingClientRect(), sheet.getBoundingClientRect()];
  sheet.scrollBy(box.left - frame.left - frame.width / 2, box.top - frame.top - frame.height / 3);
  const [word, panel] = [find(".transcript .current"), find(".panel")];
  if (word && panel.scrollHeight > panel.clientHeight) panel.scrollTop = word.offsetTop - panel.offsetTop - panel.clientHeight / 3;
}

function showLeaf() {
  const [leaf, strip] = [find(".leaf[aria-current]"), find(".strip")];
  if (!leaf) return;
  strip.scrollTop = leaf.offsetTop - strip.offsetTop - strip.clientHeight / 2 + leaf.clientHeight / 2;
  strip.scrollLeft = leaf.offsetLeft - strip.offsetLeft - strip.clientWidth / 2 + leaf.clientWidth / 2;
}

function layOut() {
  applyZoom();
  showLeaf();
  showCurrent();
}

/* A word and its box point at each other. */
function point(index, moves) {
  for (const pointed of document.querySelectorAll(".pointed")) pointed.classList.remove("pointed");
  if (index === undefined) return;
  for (const twin of document.querySelectorAll(`[data-w="${index}"]`)) twin.classList.add("pointed");
  if (moves === "box") show(find(`rect[data-w="${index}"]`));
  if (moves === "word" && matchMedia("(min-width: 64rem)").matches) show(find(`.transcript [data-w="${index}"]`));
}

document.addEventListener("pointerover", (event) => {
  const word = event.target.closest?.("[data-w]");
  if (event.pointerType === "mouse") point(word?.dataset.w);
});

document.addEventListener("click", (event) => {
  const word = event.target.closest("[data-w]");
  if (word) point(word.dataset.w, word instanceof SVGElement ? "word" : "box");
  const button = event.target.closest("[data-zoom]");
  if (button) zoomActs[button.dataset.zoom]();
  const opener = event.target.closest("[data-dialog]");
  if (opener) find(`#${opener.dataset.dialog}`).showModal();
});

/* Who presses "next page" three times is led three pages on, however slow the net: what is pressed while a page is on its way
   is owed until it has come. */
let isTurning = false;
let owed = 0; // pages, forward or back

document.addEventListener("click", (event) => {
  const link = event.target.closest('[data-key^="page-"]');
  if (!link || !isTurning) return;
  event.preventDefault();
  event.stopPropagation();
  owed += link.dataset.key === "page-next" ? 1 : -1;
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target.id === "desk") isTurning = true;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.target.id !== "desk" || event.detail.successful) return;
  isTurning = false;
  owed = 0;
});

function turnOn() {
  isTurning = false;
  const direction = Math.sign(owed);
  owed -= direction;
  if (direction && !press(direction > 0 ? "page-next" : "page-previous")) owed = 0;
}

function press(key) {
  const link = find(`[data-key="${key}"]`);
  link?.click();
  return Boolean(link);
}

const keys = {
  ArrowLeft: () => press("page-previous"),
  ArrowRight: () => press("page-next"),
  PageUp: () => press("page-previous"),
  PageDown: () => press("page-next"),
  n: () => press("hit-next"),
  p: () => press("hit-previous"),
  "+": zoomActs.in,
  "=": zoomActs.in,
  "-": zoomActs.out,
  0: () => setZoom(zoom === "width" ? "page" : "width"),
  "/": () => find("#inside").select(),
  "?": () => find("#keys").showModal(),
};

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, textarea, select, dialog");
  if (isTyping || event.ctrlKey || event.metaKey || event.altKey || !find("#desk")) return;
  if (!(event.key in keys)) return;
  const isScrolled = event.key.startsWith("Arrow") && find("#sheet").scrollWidth > find("#sheet").clientWidth + 1;
  if (isScrolled && event.target.closest("#sheet")) return; // a magnified page is panned by the arrows
  event.preventDefault();
  keys[event.key]();
});

/* The keyboard keeps its place when the desk is replaced. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.elt.id !== "desk" && event.detail.elt.id !== "sheet") return;
  layOut();
  if (event.detail.elt.id === "desk") turnOn();
  if (event.detail.elt.id === "desk" && document.activeElement === document.body && !find("#desk [autofocus]")) find("#sheet")?.focus({ preventScroll: true });
});
addEventListener("resize", applyZoom);
layOut();
