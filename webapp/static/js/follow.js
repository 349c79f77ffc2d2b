/* Following the presenter through the pages of papers. Whoever follows is led to each page that is shown; turning a page oneself
   leaves, one button comes back, and whoever stops stands again where they were reading. Whoever presents leads by turning pages. */

import htmx from "../vendor/htmx.esm.js";
import { freshKey, post } from "./meeting-acts.js";
import { ownKey } from "./own.js";

const bar = document.getElementById("following");
const root = document.getElementById("live");
const remembered = root && ownKey(`following-${root.dataset.meeting}`);

const memory = () => JSON.parse(sessionStorage.getItem(remembered) ?? "null"); // {own: address} while following
const isFollowing = () => memory() !== null;
const shown = () => root.querySelector("[data-shown]");
const lyingPage = () => document.getElementById("desk")?.dataset.page;

function remember(own) {
  if (own === null) sessionStorage.removeItem(remembered);
  else sessionStorage.setItem(remembered, JSON.stringify({ own }));
  label();
}

function label() {
  const link = root.querySelector("[data-follow]");
  if (link && bar) link.textContent = isFollowing() ? bar.dataset.wordsLeave : bar.dataset.wordsFollow;
  link?.classList.toggle("second", !isFollowing());
  const isMine = shown()?.dataset.presenter === root.dataset.person;
  if (link) link.hidden = isMine;
  const present = document.querySelector(".present");
  if (present) present.hidden = isMine && isHere();
}

const isHere = () => bar && shown().dataset.version === bar.dataset.version;

function ownPlace() {
  const place = new URL(location.href);
  place.searchParams.set("page", lyingPage());
  return place.pathname + place.search;
}

/* Go to the page that is shown; the own place in the paper is not moved by it. */
function goThere() {
  const { page, href } = shown().dataset;
  const led = `${href}&led=1`;
  if (!isHere()) return location.assign(led);
  if (page === lyingPage()) return undefined;
  history.replaceState(null, "", href);
  return htmx.ajax("GET", led, { target: "#desk", swap: "outerHTML" });
}

function onShown() {
  label();
  if (bar && isFollowing() && shown()) goThere();
  else if (!shown() && isFollowing()) remember(null);
}

function onClick(event) {
  if (!event.target.closest("[data-follow]")) return;
  event.preventDefault();
  if (bar && isFollowing()) {
    const { own } = memory();
    remember(null);
    if (own) location.assign(own);
    return;
  }
  remember(bar ? ownPlace() : "");
  goThere();
}

/* Whether a turn was the presenter's is told by its own request: turns may be lost, or overtake each other. */
function ledTo({ pathInfo }) {
  const asked = new URL(pathInfo?.requestPath ?? "/", location.href).searchParams;
  return asked.has("led") ? asked.get("page") : null;
}

/* A page was turned here. */
function onTurned(event) {
  if (!bar || event.detail.elt.id !== "desk") return;
  const field = document.querySelector(".present [name=page]");
  if (field) field.value = lyingPage();
  const led = ledTo(event.detail);
  if (led === null && isLeading()) lead();
  else if (led === null && isFollowing()) remember(null);
  else if (isFollowing() && shown() && shown().dataset.page !== led) goThere(); // shown while that one was on its way
}

const isLeading = () => shown() && isHere() && shown().dataset.presenter === root.dataset.person && document.querySelector(".present");

let turning = null;
function lead() {
  clearTimeout(turning);
  turning = setTimeout(() => {
    const pairs = [["version", bar.dataset.version], ["page", lyingPage()]];
    post({ action: document.querySelector(".present").action, pairs, key: freshKey() }).catch(() => {});
  }, 250);
}

if (root) {
  root.addEventListener("click", onClick);
  root.addEventListener("parts:updated", (event) => event.detail.parts.includes("shown") && onShown());
  document.addEventListener("htmx:afterSettle", onTurned);
  label();
}
