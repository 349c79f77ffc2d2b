/* webapp/static/js/meeting.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, NOON, open } from "./pages.js";

const PARTS = "GET /meetings/7/parts";
const news = (revision, text, facts = {}) => ({ status: 200, json: { revision, server_ms: NOON, parts: { now: text } }, ...facts });

async function room({ attributes = 'data-person="5" data-rights="see"', inside = "", storage = {}, answers = {} } = {}) {
  const page = open(`
    <main><div class="notices"></div></main><button id="big-type" aria-pressed="false"></button>
    <div id="live" data-meeting="7" data-revision="10" data-say-offline="Mất kết nối." data-say-unsent="Chưa gửi được." ${attributes}>
      <section data-part="now">mục 1</section>${inside}</div>`, { storage });
  page.socket.acknowledge = (name, value, answer) => answer(null, Number(page.find("#live").dataset.revision));
  for (const [asked, answer] of Object.entries({ [PARTS]: LOST, ...answers })) page.server.answer(asked, answer);
  await page.load("meeting.js");
  page.now = () => page.text('[data-part="now"]');
  page.revision = () => page.find("#live").dataset.revision;
  page.fetched = () => page.server.asked(PARTS).length;
  page.banner = () => page.find(".offline-banner")?.textContent ?? null;
  page.connects = async () => { page.socket.comes(); await page.pass(0); };
  page.changes = async (message) => { page.socket.says("changed", { meeting: 7, server_ms: NOON, ...message }); await page.pass(0); };
  page.beats = async (revision) => { page.socket.says("beat", { meeting: 7, server_ms: NOON, revision }); await page.pass(1000); };
  return page;
}

async function connected(facts) {
  const page = await room(facts);
  await page.connects();
  return page;
}

/* Revisions */

test("a message that follows what the page shows is put in place without asking", async () => {
  const page = await connected();
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  assert.deepEqual([page.now(), page.revision(), page.fetched()], ["mục 2", "11", 0]);
});

for (const [name, begins, ends] of [
  ["finger", ["pointerdown", {}], ["pointerup", {}]],
  ["space bar", ["keydown", { key: " " }], ["keyup", { key: " " }]],
]) {
  test(`what comes under a ${name} that presses is put in place after the click, and nothing of it is lost`, async () => {
    const page = await connected({ inside: '<section data-part="next"><button>Công bố</button></section>' });
    const button = page.find("section button");
    const happens = (target, [event, facts]) => target.dispatchEvent(Object.assign(new page.window.Event(event, { bubbles: true }), facts));
    happens(button, begins);
    await page.changes({ after: 10, revision: 11, parts: { next: "<button>Bế mạc</button>", now: "mục 2" } });
    await page.changes({ after: 11, revision: 12, parts: { now: "mục 3" } });
    assert.deepEqual([page.find("section button"), page.now()], [button, "mục 1"]);
    happens(page.window, ends);
    assert.equal(button.isConnected, true); // the click is still to come
    await page.pass(100);
    assert.deepEqual([page.text("section button"), page.now(), page.revision()], ["Bế mạc", "mục 3", "12"]);
  });
}

test("a finger that rests on the page keeps news away for a second and a half at most", async () => {
  const page = await connected();
  page.find("[data-part=now]").dispatchEvent(new page.window.Event("pointerdown", { bubbles: true }));
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  await page.pass(1499);
  assert.equal(page.now(), "mục 1");
  await page.pass(1);
  assert.equal(page.now(), "mục 2");
});

test("a message that comes after one that was missed is not put in place: everything is fetched", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(13, "mục 4"));
  await page.changes({ after: 12, revision: 13, parts: { now: "only the last of three changes" } });
  assert.deepEqual([page.now(), page.revision(), page.fetched()], ["mục 4", "13", 1]);
});

test("a message of the past, or of another meeting, changes nothing", async () => {
  const page = await connected();
  await page.changes({ after: 9, revision: 10, parts: { now: "old" } });
  await page.changes({ meeting: 8, after: 10, revision: 11, parts: { now: "elsewhere" } });
  await page.pass(1000);
  assert.deepEqual([page.now(), page.revision(), page.fetched()], ["mục 1", "10", 0]);
});

test("a message without parts is followed by a look, spread over a moment", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(11, "mục 2"));
  await page.changes({ after: 10, revision: 11 });
  assert.equal(page.fetched(), 0);
  await page.pass(400);
  assert.deepEqual([page.now(), page.fetched()], ["mục 2", 1]);
});

test("a beat of another revision than one's own is followed by a look, one of the same is not", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(12, "mục 3"));
  await page.beats(10);
  assert.equal(page.fetched(), 0);
  await page.beats(12);
  assert.deepEqual([page.now(), page.revision(), page.fetched()], ["mục 3", "12", 1]);
});

test("a beat that the message of its change overtakes asks nothing", async () => {
  const page = await connected();
  page.socket.says("beat", { meeting: 7, server_ms: NOON, revision: 11 });
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  await page.pass(2000);
  assert.equal(page.fetched(), 0);
});

test("an answer that a message has overtaken does not take the page back", async () => {
  const page = await connected();
  let answer;
  page.server.answer(PARTS, () => new Promise((done) => { answer = done; }));
  await page.tell("visibilitychange");
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  answer(news(10, "mục 1"));
  await page.pass(0);
  assert.deepEqual([page.now(), page.revision()], ["mục 2", "11"]);
});

test("a server that has gone back, restored from its backup, is believed", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(4, "as it was kept"));
  await page.beats(4);
  assert.deepEqual([page.now(), page.revision(), page.fetched()], ["as it was kept", "4", 1]);
});

test("whoever comes back learns at which revision the room stands and fetches what was missed", async () => {
  const page = await room();
  page.server.answer(PARTS, news(14, "mục 5"));
  page.socket.acknowledge = (name, value, answer) => answer(null, 14);
  await page.connects();
  assert.deepEqual([page.socket.sent[0], page.now(), page.fetched()], [["follow", "meeting:7"], "mục 5", 1]);
});

test("looks asked for at the same time are one look, and one more if there was news meanwhile", async () => {
  const page = await connected();
  let answer;
  page.server.answer(PARTS, () => new Promise((done) => { answer = done; }));
  for (const revision of [12, 13, 14]) await page.changes({ after: revision - 1, revision, parts: { now: "gap" } });
  assert.equal(page.fetched(), 1);
  answer(news(12, "mục 3"));
  page.server.answer(PARTS, news(14, "mục 5"));
  await page.pass(600);
  assert.deepEqual([page.now(), page.fetched()], ["mục 5", 2]);
});

test("what has not changed is not sent again", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(12, "mục 3", { headers: { ETag: '"12"' } }));
  await page.beats(12);
  page.server.answer(PARTS, { status: 304 });
  await page.beats(13);
  assert.equal(page.server.requests.at(-1).headers["If-None-Match"], '"12"');
  assert.equal(page.now(), "mục 3");
});

test("while the server cannot answer, a page that knows of news asks for it more and more seldom, in one row", async () => {
  const page = await connected();
  page.server.answer(PARTS, { status: 503 });
  await page.changes({ after: 20, revision: 21, parts: { now: "gap" } });
  const asked = [];
  for (let n = 0; n < 6; n += 1) {
    const before = page.fetched();
    await page.beats(21);
    await page.beats(21);
    await page.pass(8000);
    asked.push(page.fetched() - before);
  }
  assert.ok(asked[0] <= 8 && asked.at(-1) <= 4, asked.join(" "));
  page.server.answer(PARTS, news(21, "mục 9"));
  await page.pass(10_000);
  assert.equal(page.now(), "mục 9");
});

test("in a rehearsal of another's part the message says that there is news, and no more", async () => {
  const page = await connected({ attributes: "data-played" });
  page.server.answer(PARTS, news(11, "as the other sees it"));
  await page.changes({ after: 10, revision: 11, parts: { now: "as oneself sees it" } });
  assert.equal(page.now(), "as the other sees it");
});

test("a page with parts of its own fetches them after each message", async () => {
  const page = await connected({ attributes: 'data-source="/meetings/7/desk/parts"' });
  page.server.answer("GET /meetings/7/desk/parts", news(11, "mục 2"));
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  assert.equal(page.server.asked("GET /meetings/7/desk/parts").length, 1);
});

test("a change that comes while the desk looks is looked for again, though its message brought the parts of all", async () => {
  const page = await connected({ attributes: 'data-source="/meetings/7/desk/parts"' });
  const answers = [];
  page.server.answer("GET /meetings/7/desk/parts", () => new Promise((done) => answers.push(done)));
  await page.changes({ after: 10, revision: 11, parts: { now: "mục 2" } });
  await page.changes({ after: 11, revision: 12, parts: { now: "mục 3" } });
  assert.equal(answers.length, 1);
  answers[0](news(11, "công bố"));
  await page.pass(600);
  answers[1](news(12, "bế mạc"));
  await page.pass(0);
  assert.deepEqual([page.now(), page.revision()], ["bế mạc", "12"]);
});

test("the big screen follows its own room and fetches its own parts", async () => {
  const page = await room({ attributes: 'data-on="screen"' });
  page.server.answer("GET /meetings/7/parts?on=screen", news(12, "to lớn"));
  page.socket.acknowledge = (name, value, answer) => answer(null, 12);
  await page.connects();
  assert.deepEqual([page.socket.sent[0], page.now()], [["follow", "screen:7"], "to lớn"]);
});

test("what concerns oneself alone is fetched alone", async () => {
  const page = await connected({ inside: '<section data-part="mine">chưa</section>' });
  page.server.answer("GET /meetings/7/parts?only=mine", { parts: { mine: "đã điểm danh" } });
  page.socket.says("mine", { meeting: 7 });
  page.socket.says("mine", { meeting: 8 });
  await page.pass(0);
  assert.deepEqual([page.text('[data-part="mine"]'), page.server.requests.length], ["đã điểm danh", 1]);
});

for (const status of [401, 403, 404]) {
  test(`whoever is answered ${status} leaves the room and asks the server for the page`, async () => {
    const page = await connected();
    page.server.answer(PARTS, { status, json: {} });
    await page.beats(11);
    assert.deepEqual([page.left[0], page.socket.connected], ["reload", false]);
  });
}

/* Without a socket */

test("without a socket the page looks by itself, after three and a half seconds, and then more and more seldom", async () => {
  const page = await room();
  page.server.answer(PARTS, { status: 304 });
  await page.pass(3400);
  assert.equal(page.fetched(), 0);
  await page.pass(600);
  assert.equal(page.fetched(), 1);
  await page.pass(60_000);
  const inAMinute = page.fetched() - 1;
  assert.ok(inAMinute >= 5 && inAMinute <= 10, String(inAMinute));
});

test("the word that the net is gone comes after four seconds without the server, and goes at the first answer", async () => {
  const page = await room();
  await page.pass(3900);
  assert.equal(page.banner(), null);
  await page.pass(700);
  assert.equal(page.banner(), "Mất kết nối.");
  page.server.answer(PARTS, news(11, "mục 2"));
  await page.pass(5000);
  assert.deepEqual([page.banner(), page.now()], [null, "mục 2"]);
});

test("a page that reaches the server without a socket does not say that the net is gone", async () => {
  const page = await room();
  page.server.answer(PARTS, { status: 304 });
  await page.pass(4500);
  assert.equal(page.banner(), null);
});

test("a socket that misses two beats only looks alive: it is made anew", async () => {
  const page = await connected();
  await page.pass(11_900);
  assert.equal(page.socket.connected, true);
  await page.pass(700);
  assert.deepEqual(page.socket.sent.slice(1, 3), [["disconnect"], ["connect"]]);
});

test("a beat keeps the socket, whatever its revision", async () => {
  const page = await connected();
  for (let n = 0; n < 10; n += 1) {
    await page.beats(10);
    await page.pass(4000);
  }
  assert.deepEqual([page.socket.sent, page.banner()], [[["follow", "meeting:7"]], null]);
});

test("whom the server has put out of the room asks what may be seen now, then comes back", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(11, "mục 2"));
  page.socket.goes("io server disconnect");
  await page.pass(0);
  assert.deepEqual([page.now(), page.socket.sent.at(-1)], ["mục 2", ["connect"]]);
});

test("back from sleep the page looks at once", async () => {
  const page = await connected();
  page.server.answer(PARTS, news(12, "mục 3"));
  await page.tell("visibilitychange");
  assert.equal(page.now(), "mục 3");
});

/* The page */

test("what was done is said for eight seconds", async () => {
  const page = await connected({ inside: '<form method="post" action="/act"><button>Làm</button></form>' });
  page.server.answer("POST /act", { said: [["success", "Đã làm."]] });
  await page.press("#live button");
  assert.deepEqual([page.text(".notices"), page.find(".notice").className], ["Đã làm.", "notice success"]);
  await page.pass(8100);
  assert.equal(page.text(".notices"), "");
});

test("a page with a vote takes care of its ballot", async () => {
  const ballot = '<section data-part="vote"><div data-ballot="3" data-address="/meetings/7/votes/3"><form></form><p data-say="absent" hidden></p></div></section>';
  const answers = { "GET /meetings/7/votes/3/mine": { state: "open", may_vote: false, voted: false } };
  const page = await room({ attributes: 'data-person="5" data-rights="vote"', inside: ballot, answers });
  await page.pass(100);
  assert.equal(page.find("[data-say=absent]").hidden, false);
});

test("very large type is remembered by the device", async () => {
  const page = await room();
  await page.press("#big-type");
  assert.deepEqual([page.document.documentElement.className, page.storage.getItem("khonggiay-of-5-big-type")], ["big-type", "1"]);
  const again = await room({ storage: { "khonggiay-of-5-big-type": "1" } });
  assert.equal(again.find("#big-type").getAttribute("aria-pressed"), "true");
  await again.press("#big-type");
  assert.deepEqual([again.document.documentElement.className, again.storage.getItem("khonggiay-of-5-big-type")], ["", "0"]);
});
