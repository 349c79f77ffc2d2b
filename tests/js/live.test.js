/* webapp/static/js/live.js and webapp/static/js/app.js */

import assert from "node:assert/strict";
import test from "node:test";
import { open } from "./pages.js";

async function follower(...rooms) {
  const page = open("");
  const { follow } = await page.load("live.js");
  page.told = [];
  page.follow = (room) => follow(room, () => page.told.push(room));
  for (const room of rooms) page.follow(room);
  page.banner = () => page.find(".offline-banner")?.textContent ?? null;
  return page;
}

test("whoever follows a room is told of its news, and of no other's", async () => {
  const page = await follower("document:7", "ledger");
  page.socket.comes();
  page.told.length = 0;
  page.socket.says("changed", { room: "ledger" });
  page.socket.says("changed", { room: "document:8" });
  assert.deepEqual(page.told, ["ledger"]);
});

test("the rooms are entered when the socket comes, and whatever happened before is looked at", async () => {
  const page = await follower("document:7", "ledger");
  assert.deepEqual(page.socket.sent, []);
  page.socket.comes();
  assert.deepEqual([page.socket.sent, page.told], [[["follow", "document:7"], ["follow", "ledger"]], ["document:7", "ledger"]]);
  page.follow("batch:3");
  assert.deepEqual(page.socket.sent.at(-1), ["follow", "batch:3"]);
});

test("while there is no socket everybody is told to look every five seconds, in one row", async () => {
  const page = await follower("ledger");
  page.socket.comes();
  page.told.length = 0;
  page.socket.goes();
  page.socket.says("connect_error");
  page.socket.says("connect_error");
  await page.pass(4999);
  assert.equal(page.told.length, 0);
  await page.pass(10_001);
  assert.equal(page.told.length, 3);
  page.socket.comes();
  page.told.length = 0;
  await page.pass(20_000);
  assert.deepEqual(page.told, []);
});

test("a socket that the server has ended is asked to come back every five seconds until it does", async () => {
  const page = await follower("ledger");
  page.socket.comes();
  page.socket.active = false;
  page.socket.goes();
  page.socket.sent.length = 0;
  await page.pass(10_000);
  assert.deepEqual(page.socket.sent, [["connect"], ["connect"]]);
  page.socket.active = true;
  page.socket.comes();
  page.socket.sent.length = 0;
  await page.pass(20_000);
  assert.deepEqual(page.socket.sent, []);
});

test("a socket that comes back by itself is left to do so", async () => {
  const page = await follower("ledger");
  page.socket.comes();
  page.socket.sent.length = 0;
  page.socket.goes();
  await page.pass(20_000);
  assert.deepEqual(page.socket.sent, []);
});

test("the word that the net is gone comes after four seconds only, once, and goes at once", async () => {
  const page = await follower("ledger");
  page.socket.goes();
  await page.pass(3999);
  assert.equal(page.banner(), null);
  await page.pass(30_000);
  assert.match(page.banner(), /^Mất kết nối/);
  assert.equal(page.findAll(".offline-banner").length, 1);
  page.socket.comes();
  assert.equal(page.banner(), null);
});

test("a net that is back within four seconds is not spoken of", async () => {
  const page = await follower("ledger");
  page.socket.goes();
  await page.pass(3000);
  page.socket.comes();
  await page.pass(10_000);
  assert.equal(page.banner(), null);
});

test("who reads in English is told in English", async () => {
  const page = await follower("ledger");
  page.document.documentElement.lang = "en";
  page.socket.goes();
  await page.pass(4000);
  assert.match(page.banner(), /^The connection is lost/);
});

/* What every page does */

async function anyPage(body) {
  const page = open(body, { at: "https://giay.test/ledger" });
  await page.load("app.js");
  page.sent = [];
  page.window.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) page.sent.push(event.target.id);
    event.preventDefault();
  });
  return page;
}

test("an element with a room is fetched anew at its news, also one that came later, and each once", async () => {
  const page = await anyPage('<div id="one" data-room="ledger"></div>');
  page.document.body.insertAdjacentHTML("beforeend", '<div id="two" data-room="batch:3"></div>');
  await page.tell("htmx:load", { elt: page.find("#two") });
  await page.tell("htmx:load", { elt: page.document.body });
  page.socket.says("changed", { room: "ledger" });
  page.socket.says("changed", { room: "batch:3" });
  assert.deepEqual(page.htmx.triggered.map(([element, name]) => [element.id, name]), [["one", "changed"], ["two", "changed"]]);
});

test("what htmx sends bears the token of the page", async () => {
  const page = await anyPage("");
  const detail = { headers: {} };
  await page.tell("htmx:configRequest", detail);
  assert.deepEqual(detail.headers, { "X-CSRFToken": "the-token" });
});

test("a dangerous button asks first, and a no sends nothing", async () => {
  const page = await anyPage('<form id="f" method="post"><button data-confirm="Xóa thật?">Xóa</button></form>');
  const asked = [];
  page.window.confirm = (question) => { asked.push(question); return asked.length > 1; };
  await page.press("button");
  assert.deepEqual([asked, page.sent], [["Xóa thật?"], []]);
  await page.press("button");
  assert.deepEqual(page.sent, ["f"]);
});

for (const [name, attributes, patience_ms] of [["a form", "", 3000], ["a form with files", 'enctype="multipart/form-data"', 30_000]]) {
  test(`${name} that is on its way is not sent a second time within ${patience_ms / 1000} seconds`, async () => {
    const page = await anyPage(`<form id="f" method="post" ${attributes}><button>Gửi</button></form>`);
    await page.press("button");
    await page.pass(patience_ms - 1);
    await page.press("button");
    assert.deepEqual(page.sent, ["f"]);
    await page.pass(1);
    await page.press("button");
    assert.deepEqual(page.sent, ["f", "f"]);
  });
}

test("a question may be asked as often as one likes, and going back to a page frees its forms", async () => {
  const page = await anyPage('<form id="g"><button>Tìm</button></form><form id="f" method="post"><button>Gửi</button></form>');
  await page.press("#g button");
  await page.press("#g button");
  await page.press("#f button");
  await page.tell("pageshow", null, page.window);
  await page.press("#f button");
  assert.deepEqual(page.sent, ["g", "g", "f", "f"]);
});
