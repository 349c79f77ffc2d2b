/* webapp/static/js/service-worker.js and webapp/static/js/offline.js */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import vm from "node:vm";
import FakeTimers from "@sinonjs/fake-timers";
import { caches, Headers, Request, Response } from "undici";
import { LOST, MODULES, NOON, open, SILENCE } from "./pages.js";

const SOURCE = readFileSync(new URL("service-worker.js", MODULES), "utf8");
const SITE = "https://giay.test";
const ROOM = "/meetings/7/room", PAPER = "/meetings/7/papers/3";
const DAY_MS = 86_400_000;

/* A service worker for a person; its net answers what the test says for each address. */
async function worker({ person = "5", now = NOON, keepsAll = false } = {}) {
  if (!keepsAll) for (const name of await caches.keys()) await caches.delete(name);
  const net = new Map();
  const listeners = {};
  const clock = FakeTimers.createClock(now);
  const self = {
    location: new URL(`${SITE}/service-worker.js?person=${person}`), clients: { claim: async () => {} }, skipWaiting: () => {},
    addEventListener: (name, listener) => { listeners[name] = listener; },
  };
  const fetch = async (request) => {
    const reply = net.get(request.url.slice(SITE.length)) ?? LOST;
    if (reply === SILENCE) return new Promise(() => {});
    if (reply === LOST) throw new TypeError("Failed to fetch");
    return typeof reply === "function" ? reply() : answered(reply);
  };
  const { setTimeout, Date } = clock;
  vm.runInNewContext(SOURCE, { self, caches, fetch, Headers, Request, Response, URL, URLSearchParams, setTimeout, Date, TypeError });

  /* Ask as a page does; null if the worker leaves the question to the browser. */
  async function ask(address, { method = "GET", headers = {}, passes = 0 } = {}) {
    const request = new Request(new URL(address, SITE).href, { method, headers });
    const [answers, lasting] = [[], []];
    listeners.fetch({ request, respondWith: (answer) => { answer.catch(() => {}); answers.push(answer); }, waitUntil: (work) => lasting.push(work) });
    if (!answers.length) return null;
    for (let n = 0; n < 20; n += 1) await new Promise(setImmediate);
    clock.tick(passes);
    const answer = await answers[0];
    await Promise.all(lasting);
    for (let n = 0; n < 5; n += 1) await new Promise(setImmediate);
    return answer;
  }

  async function begin() {
    const lasting = [];
    listeners.activate({ waitUntil: (work) => lasting.push(work) });
    await Promise.all(lasting);
  }

  const text = async (address, options) => (await ask(address, options)).text();
  const read = async (address, page, options) => { net.set(address, page); await text(address, options); net.delete(address); };
  const kept = async () => (await (await caches.open(`khonggiay-${person}`)).keys()).map(({ url }) => url.slice(SITE.length));
  return { net, ask, text, read, kept, begin };
}

/* An answer of the server as a worker gets it. */
function answered({ html = "", status = 200, headers = {}, type = "basic", redirected = false }) {
  const response = new Response(html, { status, headers: { "Content-Type": "text/html; charset=utf-8", ...headers } });
  const asCame = (one) => Object.defineProperties(one, {
    type: { value: type }, redirected: { value: redirected }, clone: { value: () => asCame(Response.prototype.clone.call(one)) },
  });
  return asCame(response);
}

const whole = (inside, words = "") => ({ html: `<html lang="vi"><body class="x"><main>${inside}</main>${words}</body></html>` });
const desk = (page) => `<div id="desk" data-page="${page}"><div></div></div>\n`;
const TURNS = { headers: { "HX-Request": "true", "HX-Target": "desk" } };

/* What is kept */

test("the room that was seen is shown without a network, with the word that it is a copy and from when", async () => {
  const { read, text } = await worker();
  await read(ROOM, whole("mục 1"));
  assert.equal(await text(ROOM), '<html lang="vi"><body class="x"><div class="kept-copy" role="status">Mất mạng. Đang xem bản lưu lúc 12:00 · <a href="">Tải lại</a></div>'
    + "<main>mục 1</main></body></html>");
});

test("who reads in English is told in English, and of another day with its date", async () => {
  const { read } = await worker();
  await read(ROOM, { html: '<html lang="en"><body></body></html>' });
  const later = await worker({ now: NOON + DAY_MS, keepsAll: true });
  assert.match(await later.text(ROOM), /No network\. You are reading the copy kept at 12:00, 2\/3\/2026 · <a href="">Try again<\/a>/);
});

test("the network comes first: what is kept is shown only when it fails", async () => {
  const { net, read, text } = await worker();
  await read(ROOM, whole("old"));
  net.set(ROOM, whole("new"));
  assert.match(await text(ROOM), /<main>new</);
  net.delete(ROOM);
  assert.match(await text(ROOM), /<main>new</);
});

test("a net that does not answer within six seconds is as good as none, where something is kept", async () => {
  const { net, read, ask, text } = await worker();
  await read(ROOM, whole("kept"));
  net.set(ROOM, SILENCE);
  assert.match(await text(ROOM, { passes: 6000 }), /<main>kept</);
  const open = ask(ROOM, { passes: 5999 });
  assert.equal(await Promise.race([open, new Promise((done) => setTimeout(done, 20, "still waiting"))]), "still waiting");
});

test("what was never seen is waited for as long as it takes", async () => {
  const { net, ask } = await worker();
  net.set(ROOM, SILENCE);
  const open = ask(ROOM, { passes: 60_000 });
  assert.equal(await Promise.race([open, new Promise((done) => setTimeout(done, 20, "still waiting"))]), "still waiting");
});

test("what was never seen fails without a network as it would without us", async () => {
  const { ask } = await worker();
  await assert.rejects(ask(ROOM), /Failed to fetch/);
});

for (const address of [ROOM, "/meetings/7", "/meetings/7/papers", PAPER, `${PAPER}?page=2`, `${PAPER}/versions/1/pages/2/image`,
  `${PAPER}/versions/1/pages/2/thumbnail?v=ab`, `${PAPER}/versions/1/file`, "/static/css/app.css"]) {
  test(`${address} is kept`, async () => {
    const { read, kept } = await worker();
    await read(address, whole("x"));
    assert.deepEqual(await kept(), [address]);
  });
}

for (const [address, options] of [
  ["/meetings/7/desk"], ["/meetings/7/votes/3"], ["/meetings/7/votes/3/mine"], ["/meetings"], ["/documents/3"],
  [`${PAPER}/versions/1/notes`], [ROOM, { method: "POST" }], ["https://elsewhere.test/meetings/7/room"],
]) {
  test(`${options?.method ?? "GET"} ${address} is left to the browser, and not kept`, async () => {
    const { ask } = await worker();
    assert.equal(await ask(address, options), null);
  });
}

test("the parts of the room go through, and are not kept", async () => {
  const { net, text, kept } = await worker();
  net.set("/meetings/7/parts", { html: "{}" });
  assert.deepEqual([await text("/meetings/7/parts"), await kept()], ["{}", []]);
});

for (const [name, answer] of [
  ["an error of the server", { status: 500 }], ["a piece of a file", { status: 206 }],
  ["where a redirect has led", { redirected: true }], ["what came from elsewhere", { type: "opaque" }],
]) {
  test(`${name} is not kept, and takes nothing away`, async () => {
    const { read, text, kept } = await worker();
    await read(ROOM, { html: "x", ...answer });
    assert.deepEqual(await kept(), []);
    await read(ROOM, whole("good"));
    await read(ROOM, { html: "x", ...answer });
    assert.match(await text(ROOM), /<main>good</);
  });
}

test("a picture is given as it was kept, without a word put into it", async () => {
  const { read, text } = await worker();
  const picture = `${PAPER}/versions/1/pages/2/image`;
  await read(picture, { html: "<body>", headers: { "Content-Type": "image/webp" } });
  assert.equal(await text(picture), "<body>");
});

/* Pages that are turned */

test("a page that was turned to is kept beside the whole one, not over it", async () => {
  const { read, text } = await worker();
  await read(`${PAPER}?page=2`, whole(desk("2 whole")));
  await read(`${PAPER}?page=2`, { html: desk("2 turned") }, TURNS);
  assert.match(await text(`${PAPER}?page=2`), /^<html.*<main><div id="desk" data-page="2 whole">/);
  assert.equal(await text(`${PAPER}?page=2`, TURNS), desk("2 turned"));
});

test("a page that was only turned to is shown whole without a network: in the frame of another page of the same paper", async () => {
  const { read, text } = await worker();
  await read("/meetings/7/papers/4", whole(desk("another paper")));
  await read(`${PAPER}?version=1`, whole(`<h1>an old version</h1>${desk(1)}`));
  await read(PAPER, whole(`<h1>Dự thảo</h1>${desk(1)}`));
  await read(`${PAPER}?page=2`, { html: desk("2, $& and all") }, TURNS);
  const shown = await text(`${PAPER}?page=2`);
  assert.match(shown, /Mất mạng/);
  assert.match(shown, /<main><h1>Dự thảo<\/h1><div id="desk" data-page="2, \$& and all"><div><\/div><\/div>\n<\/main>/);
});

test("turning to a page that was seen whole gives its desk alone", async () => {
  const { read, text } = await worker();
  await read(`${PAPER}?page=2`, whole(`<h1>Dự thảo</h1>${desk(2)}`));
  assert.equal(await text(`${PAPER}?page=2`, TURNS), desk(2));
});

test("a page one was led to is the same page", async () => {
  const { read, text } = await worker();
  await read(`${PAPER}?version=1&page=2&led=1`, { html: desk(2) }, TURNS);
  assert.equal(await text(`${PAPER}?version=1&page=2`, TURNS), desk(2));
});

test("a page that nobody has seen fails, though others of the paper were", async () => {
  const { read, ask } = await worker();
  await read(PAPER, whole(desk(1)));
  await assert.rejects(ask(`${PAPER}?page=3`), /Failed to fetch/);
  await assert.rejects(ask(`${PAPER}?page=3`, TURNS), /Failed to fetch/);
});

/* What is thrown away */

const seen = ["/meetings/7", ROOM, "/meetings/7/papers", PAPER, `${PAPER}?page=2`, `${PAPER}/versions/1/pages/1/image`,
  "/meetings/7/papers/33", "/meetings/70/room", "/static/css/app.css"];
const rest = (...lost) => seen.filter((address) => !lost.includes(address));

for (const status of [401, 403, 404, 410]) {
  test(`who is answered ${status} for the room may have nothing of the meeting any more`, async () => {
    const { read, kept } = await worker();
    for (const address of seen) await read(address, whole("x"));
    await read(ROOM, { status });
    assert.deepEqual(await kept(), ["/meetings/7", "/meetings/70/room", "/static/css/app.css"]);
  });
}

test("so it is when the room's parts are refused, or one is led away to sign in", async () => {
  for (const [address, answer] of [["/meetings/7/parts", { status: 403 }], [ROOM, { type: "opaqueredirect" }]]) {
    const { read, kept } = await worker();
    for (const one of seen) await read(one, whole("x"));
    await read(address, answer);
    assert.deepEqual(await kept(), ["/meetings/7", "/meetings/70/room", "/static/css/app.css"]);
  }
});

test("a paper that was withdrawn is thrown away with its pages and pictures, turned ones too, and nothing else", async () => {
  const { read, kept } = await worker();
  for (const address of seen) await read(address, whole("x"));
  await read(`${PAPER}?page=4`, { html: desk(4) }, TURNS);
  await read(PAPER, { status: 404 });
  assert.deepEqual(await kept(), rest(PAPER, `${PAPER}?page=2`, `${PAPER}/versions/1/pages/1/image`));
});

test("an answer to another person empties what is kept, and is not kept", async () => {
  const { read, kept } = await worker();
  for (const address of seen) await read(address, whole("x"));
  await read(ROOM, { ...whole("of another"), headers: { "X-Person": "6" } });
  assert.deepEqual(await kept(), []);
  await read(ROOM, { ...whole("mine"), headers: { "X-Person": "5" } });
  assert.deepEqual(await kept(), [ROOM]);
});

test("a worker for another person begins by throwing away what the one before kept, and nothing that is not ours", async () => {
  const first = await worker();
  await first.read(ROOM, whole("x"));
  await caches.open("elsewhere");
  const second = await worker({ person: "6", keepsAll: true });
  await assert.rejects(second.ask(ROOM), /Failed to fetch/);
  await second.begin();
  assert.deepEqual(await caches.keys(), ["elsewhere", "khonggiay-6"]);
});

test("what was not seen for fourteen days is thrown away", async () => {
  const first = await worker();
  await first.read(ROOM, whole("x"));
  const later = await worker({ now: NOON + DAY_MS, keepsAll: true });
  await later.read(PAPER, whole("x"));
  const latest = await worker({ now: NOON + 14 * DAY_MS + 1, keepsAll: true });
  await latest.begin();
  assert.deepEqual(await latest.kept(), [PAPER]);
});

const SHEET = `${PAPER}/versions/2/pages/1/image`, OTHER = "/meetings/7/papers/4/versions/1/pages/1/image";
const GONE_NOW = { status: 404 };

test("a paper that was taken back goes from the device at the next contact though nobody opens it again; others stay", async () => {
  const { read } = await worker();
  for (const address of [PAPER, SHEET, "/meetings/7/papers/4", OTHER]) await read(address, whole("x"));
  const later = await worker({ now: NOON + 300_000, keepsAll: true });
  later.net.set(SHEET, GONE_NOW);
  later.net.set(OTHER, whole("x"));
  later.net.set(ROOM, whole("mục 2"));
  await later.text(ROOM);
  assert.deepEqual((await later.kept()).sort(), ["/meetings/7/papers/4", OTHER, ROOM]);
});

test("without a network nothing is taken for gone, and where another is signed in by now all goes", async () => {
  const { read } = await worker();
  await read(SHEET, whole("x"));
  const away = await worker({ keepsAll: true });
  away.net.set(ROOM, whole("mục 2"));
  await away.text(ROOM);
  assert.deepEqual(await away.kept(), [SHEET, ROOM]);
  const others = await worker({ keepsAll: true });
  others.net.set(SHEET, { headers: { "X-Person": "6" } });
  others.net.set(ROOM, whole("mục 2"));
  await others.text(ROOM);
  assert.deepEqual(await others.kept(), []);
});

/* The page */

async function page({ person = "5", at = `${SITE}/meetings/7/room`, register } = {}) {
  const page = open("", { person, at });
  Object.assign(page, { registered: [], gone: [] });
  const container = {
    register: register ?? (async (address, { scope }) => page.registered.push([address, scope])),
    getRegistration: async (scope) => ({ unregister: async () => page.gone.push(scope) }),
  };
  Object.defineProperty(page.window.navigator, "serviceWorker", { value: container });
  page.window.caches = { keys: async () => ["khonggiay-5", "elsewhere"], delete: async (name) => page.gone.push(name) };
  await page.load("offline.js");
  return page;
}

test("on the pages of meetings the worker of whoever is signed in is started, elsewhere none is", async () => {
  assert.deepEqual((await page({ person: "5 6" })).registered, [["/service-worker.js?person=5%206", "/meetings/"]]);
  assert.deepEqual((await page({ at: `${SITE}/find` })).registered, []);
});

test("a worker that cannot be fetched is no mistake of the page", async () => {
  assert.deepEqual((await page({ register: async () => { throw new TypeError("no server"); } })).registered, []);
  await new Promise((done) => setTimeout(done)); // a refusal that nobody hears would end the test
});

test("where nobody is signed in, what was kept and its worker go", async () => {
  const left = await page({ person: "", at: `${SITE}/sign-in` });
  assert.deepEqual([left.registered, left.gone], [[], ["/meetings/", "khonggiay-5"]]);
});
