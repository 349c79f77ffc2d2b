/* webapp/static/js/viewer.js and webapp/static/js/follow.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, open } from "./pages.js";

const PAPER = "/meetings/7/papers/3";
const link = (key, number) => `<a href="${PAPER}?page=${number}" data-key="${key}">${number}</a>`;
const desk = (page, last = 9) => `
  <div id="desk" data-page="${page}">
    ${page > 1 ? link("page-previous", page - 1) : ""}${page < last ? link("page-next", page + 1) : ""}
    <input id="inside" type="search"><div class="group zoom" hidden><output class="zoom-now"></output><button data-zoom="in">+</button></div>
    <section id="sheet" tabindex="0"></section>
  </div>`;

/* Pages come when the test says so, as htmx brings them. */
async function lyingAt(number, around = "") {
  const page = open(`${around}${desk(number)}`, { at: `https://giay.test${PAPER}?page=${number}` });
  page.asked = [];
  page.document.addEventListener("click", (event) => {
    const turned = event.target.closest("a[data-key]");
    if (!turned || event.defaultPrevented) return;
    event.preventDefault();
    page.asked.push(turned.getAttribute("href").split("page=")[1]);
    page.tell("htmx:beforeRequest", { target: page.find("#desk") });
  });
  page.comes = async (wanted, requestPath = `${PAPER}?page=${wanted}`) => {
    page.find("#desk").outerHTML = desk(wanted);
    await page.tell("htmx:afterRequest", { target: page.find("#desk"), successful: true });
    await page.tell("htmx:afterSettle", { elt: page.find("#desk"), pathInfo: { requestPath } }, page.find("#desk"));
  };
  page.fails = () => page.tell("htmx:afterRequest", { target: page.find("#desk"), successful: false });
  return page;
}

async function viewer(number = 1) {
  const page = await lyingAt(number);
  await page.load("viewer.js");
  return page;
}

test("who presses “next page” three times while the first is on its way is led three pages on, one after the other", async () => {
  const page = await viewer(1);
  for (let n = 0; n < 3; n += 1) await page.press("[data-key=page-next]");
  assert.deepEqual(page.asked, ["2"]);
  await page.comes(2);
  await page.comes(3);
  await page.comes(4);
  assert.deepEqual(page.asked, ["2", "3", "4"]);
});

test("pages pressed back are owed against those pressed on", async () => {
  const page = await viewer(4);
  await page.press("[data-key=page-next]");
  await page.press("[data-key=page-previous]");
  await page.press("[data-key=page-previous]");
  await page.press("[data-key=page-next]");
  await page.press("[data-key=page-previous]");
  await page.comes(5);
  await page.comes(4);
  await page.comes(3);
  assert.deepEqual(page.asked, ["5", "4", "3"]);
});

test("at the last page nothing is owed any more", async () => {
  const page = await viewer(8);
  for (let n = 0; n < 4; n += 1) await page.press("[data-key=page-next]");
  await page.comes(9);
  await page.press("[data-key=page-previous]");
  await page.comes(8);
  assert.deepEqual(page.asked, ["9", "8"]);
});

test("a page that could not be fetched forgets what was owed, and can be asked for again", async () => {
  const page = await viewer(1);
  await page.press("[data-key=page-next]");
  await page.press("[data-key=page-next]");
  await page.fails();
  await page.press("[data-key=page-next]");
  await page.comes(2);
  assert.deepEqual(page.asked, ["2", "2"]);
});

test("pages are turned by keys, but not by those of who is writing, nor with Ctrl", async () => {
  const page = await viewer(4);
  await page.key("ArrowRight");
  await page.comes(5);
  await page.key("PageUp");
  await page.comes(4);
  await page.key("ArrowRight", page.find("#inside"));
  page.document.body.dispatchEvent(new page.window.KeyboardEvent("keydown", { key: "ArrowRight", ctrlKey: true, bubbles: true }));
  assert.deepEqual(page.asked, ["5", "4"]);
});

test("keys that mean nothing here are left to the browser", async () => {
  const page = await viewer(4);
  assert.deepEqual([(await page.key("a")).defaultPrevented, (await page.key("+")).defaultPrevented], [false, true]);
});

test("the keyboard keeps its place when the page is turned", async () => {
  const page = await viewer(1);
  page.find("#sheet").focus();
  await page.key("ArrowRight");
  await page.comes(2);
  assert.equal(page.document.activeElement, page.find("#sheet"));
});

test("a word and its box point at each other", async () => {
  const page = open('<p class="transcript"><span data-w="3">kế</span></p><svg><rect data-w="3"></rect><rect data-w="4"></rect></svg>');
  await page.load("viewer.js");
  await page.press("span");
  assert.deepEqual(page.findAll(".pointed").map((one) => one.tagName), ["SPAN", "rect"]);
  page.find('rect[data-w="4"]').dispatchEvent(new page.window.MouseEvent("click", { bubbles: true }));
  assert.deepEqual(page.findAll(".pointed").map((one) => one.dataset.w), ["4"]);
});

/* Following who presents */

const FOLLOWING = "khonggiay-of-5-following-7";
const SHOW = "POST /meetings/7/show";
const shown = (number, { presenter = "1", version = "12" } = {}) => `
  <div data-shown data-presenter="${presenter}" data-version="${version}" data-page="${number}" data-href="${PAPER}?version=1&amp;page=${number}">
    <a href="#" data-follow>Đi theo</a></div>`;
const live = (inside) => `
  <div id="live" data-meeting="7" data-person="5"><div id="following" data-version="12" data-words-follow="Đi theo" data-words-leave="Thôi">
    <section data-part="shown">${inside}</section>
    <form class="present" method="post" action="/meetings/7/show"><input name="page" value="1"></form></div></div>`;

async function listener(number, inside, { follows = false } = {}) {
  const page = await lyingAt(number, live(inside));
  page.server.answer(SHOW, {});
  if (follows) page.window.sessionStorage.setItem(FOLLOWING, JSON.stringify({ own: `${PAPER}?page=1` }));
  await page.load("follow.js");
  page.isShown = async (wanted, facts) => {
    page.find("[data-part=shown]").innerHTML = wanted ? shown(wanted, facts) : "";
    await page.tell("parts:updated", { parts: ["shown"] }, page.find("#live"));
  };
  page.led = () => page.htmx.fetched.map(([, address]) => address);
  page.isLedTo = (wanted) => page.comes(wanted, `${PAPER}?version=1&page=${wanted}&led=1`);
  page.follows = () => JSON.parse(page.window.sessionStorage.getItem(FOLLOWING));
  return page;
}

test("whoever follows is led to each page that is shown, whoever does not is left where they read", async () => {
  const follower = await listener(1, shown(1), { follows: true });
  await follower.isShown(4);
  assert.deepEqual(follower.led(), [`${PAPER}?version=1&page=4&led=1`]);
  assert.equal(follower.window.location.search, "?version=1&page=4");
  await follower.isLedTo(4);
  assert.notEqual(follower.follows(), null);
  const reader = await listener(1, shown(1));
  await reader.isShown(4);
  assert.deepEqual(reader.led(), []);
});

test("turning a page oneself leaves; the button says how to come back, and comes back", async () => {
  const page = await listener(1, shown(4), { follows: true });
  assert.equal(page.text("[data-follow]"), "Thôi");
  await page.comes(2);
  await page.isShown(5);
  assert.deepEqual([page.follows(), page.led(), page.text("[data-follow]")], [null, [], "Đi theo"]);
  await page.press("[data-follow]");
  assert.deepEqual([page.follows().own, page.led()], [`${PAPER}?page=2`, [`${PAPER}?version=1&page=5&led=1`]]);
});

test("whoever stops following stands again where they were reading", async () => {
  const page = await listener(4, shown(4), { follows: true });
  await page.press("[data-follow]");
  assert.deepEqual([page.follows(), page.left], [null, [`${PAPER}?page=1`]]);
});

test("two pages shown while the first is on its way do not shake a follower off", async () => {
  const page = await listener(1, shown(1), { follows: true });
  await page.isShown(2);
  await page.isShown(3);
  await page.isLedTo(2);
  await page.isLedTo(3);
  assert.notEqual(page.follows(), null);
});

test("a page that was shown while another was on its way is gone to, also when it is the one that lies there", async () => {
  const page = await listener(1, shown(1), { follows: true });
  await page.isShown(2);
  await page.isShown(1);
  assert.equal(page.led().length, 1);
  await page.isLedTo(2);
  assert.deepEqual(page.led().at(-1), `${PAPER}?version=1&page=1&led=1`);
});

test("a page that the follower's paper does not have is not asked for again and again", async () => {
  const page = await listener(1, shown(1), { follows: true });
  await page.isShown(12);
  await page.comes(9, `${PAPER}?version=1&page=12&led=1`);
  assert.equal(page.led().length, 1);
});

test("a led turn that was lost does not make the next own turn one of the presenter's", async () => {
  const page = await listener(1, shown(1), { follows: true });
  await page.isShown(4);
  await page.fails();
  await page.comes(2);
  assert.equal(page.follows(), null);
});

test("when another paper is shown a follower goes there, and when nothing is shown following ends", async () => {
  const page = await listener(1, shown(1), { follows: true });
  await page.isShown(2, { version: "13" });
  assert.deepEqual(page.left, [`${PAPER}?version=1&page=2&led=1`]);
  await page.isShown(null);
  assert.equal(page.follows(), null);
});

test("whoever presents leads by turning pages, with one word for many quick turns", async () => {
  const page = await listener(1, shown(1, { presenter: "5" }));
  assert.equal(page.find("[data-follow]").hidden, true);
  for (const number of [2, 3, 4]) await page.comes(number);
  await page.pass(300);
  const sent = page.server.asked(SHOW).map(({ body }) => [body.get("version"), body.get("page")]);
  assert.deepEqual([sent, page.find("[name=page]").value], [[["12", "4"]], "4"]);
});

test("a word of the presenter that is lost goes again under the same key", async () => {
  const page = await listener(1, shown(1, { presenter: "5" }));
  page.server.answer(SHOW, LOST, {});
  await page.comes(2);
  await page.pass(5000);
  assert.deepEqual([page.server.asked(SHOW).length, new Set(page.server.asked(SHOW).map(({ body }) => body.get("act_id"))).size], [2, 1]);
});

test("who does not present leads nobody by turning pages", async () => {
  const page = await listener(1, shown(1));
  await page.comes(2);
  await page.pass(1000);
  assert.deepEqual(page.server.requests, []);
});
