/* webapp/static/js/upload.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, open } from "./pages.js";

const BEGIN = "POST /intake", GROUPS = "POST /intake/groups";
const FORM = `
  <form id="intake" method="post" action="/intake" data-groups="/intake/groups" data-limit="1000">
    <div id="problems" tabindex="-1" hidden><ul></ul></div>
    <fieldset id="facts"><input name="attestation" value="y"></fieldset>
    <div id="drop"><input type="file" id="files" name="files" multiple></div>
    <div class="field"><input type="checkbox" name="groups"></div>
    <div id="overall" hidden><progress value="0" max="1"></progress><span role="status"></span></div>
    <div class="uploads" hidden><table id="uploads"><tbody></tbody></table></div>
    <button id="send">Gửi</button><a id="result" hidden></a><button type="button" id="again" hidden>Gửi lại</button><a id="leave"></a>
  </form>
  <template id="upload-row"><tr><td class="name"></td><td class="size"></td>
    <td><span class="badge"></span><progress hidden></progress><span class="reason"></span></td>
    <td><button type="button" class="drop-row">Bỏ</button><button type="button" class="again-row" hidden>Gửi lại</button></td></tr></template>
  <div id="words" data-waiting="chờ" data-sending="đang gửi" data-keeping="đang lưu" data-pausing="gửi lại sau {s} giây" data-stopped="chưa gửi được"
    data-stopped-reason="không có mạng" data-signed-out="hãy đăng nhập" data-none="chưa có tệp" data-files="Tệp" data-progress="{done}/{all} tệp"
    data-failed="{n} chưa gửi được" data-skipped="bỏ qua {n}" data-send="Gửi {n} tệp" data-page="trang {part}/{parts}" data-link="Xem" data-leaving="Đang gửi"></div>`;

/* What is sent of files goes by XMLHttpRequest, for its progress; the tests answer each. */
class Request extends EventTarget {
  static all = [];
  upload = new EventTarget();
  headers = {};
  status = 0;
  responseText = "";

  open(method, address) { this.route = `${method} ${address}`; }
  setRequestHeader(name, value) { this.headers[name] = String(value); }
  send(file) { this.file = file; Request.all.push(this); }
}

async function intake(...files) {
  Request.all = [];
  const page = open(FORM, { at: "https://giay.test/intake" });
  page.window.XMLHttpRequest = Request;
  page.server.answer(BEGIN, { page: "/intake/9", files: "/intake/9/files" });
  await page.load("upload.js");
  page.chooses = async (...chosen) => {
    const list = chosen.map(([name, size]) => Object.assign(new page.window.File(["x".repeat(size)], name.split("/").at(-1)), { webkitRelativePath: name.includes("/") ? name : "" }));
    Object.defineProperty(page.find("#files"), "files", { value: list, configurable: true });
    await page.tell("change", null, page.find("#files"));
  };
  page.rows = () => page.findAll("#uploads tr").map((row) => [row.querySelector(".name").textContent, row.querySelector(".badge").textContent]);
  page.reasons = () => page.findAll(".reason").map((one) => one.textContent);
  page.answers = async (request, status, told) => {
    Object.assign(request, { status, responseText: told === undefined ? "<html>" : JSON.stringify(told) });
    request.dispatchEvent(new Event("loadend"));
    await page.pass(0);
  };
  page.sends = () => page.press("#send");
  page.complaints = () => page.findAll("#problems a").map((one) => [one.getAttribute("href"), one.textContent]);
  if (files.length) await page.chooses(...files);
  return page;
}

const DONE = { outcome: "kept", word: "đã nhận", look: "good", reason: "" };
const names = () => Request.all.map((one) => decodeURIComponent(one.headers["X-File-Name"]));

/* Choosing */

test("chosen files are listed by name as people count, each with its size", async () => {
  const page = await intake(["trang 10.pdf", 10], ["trang 9.pdf", 1536], ["ảnh.jpg", 5]);
  assert.deepEqual(page.rows().map(([name]) => name), ["ảnh.jpg", "trang 9.pdf", "trang 10.pdf"]);
  assert.deepEqual(page.findAll("td.size").map((one) => one.textContent), ["5 B", "1,5 KB", "10 B"]);
  assert.equal(page.text("#send"), "Gửi 3 tệp");
});

test("files of the system are left out, and how many is said", async () => {
  const page = await intake(["a/Thumbs.db", 1], ["a/.DS_Store", 1], ["desktop.ini", 1], ["a/thumbs.db.pdf", 1]);
  assert.deepEqual([page.rows().map(([name]) => name), page.text("[role=status]")], [["a/thumbs.db.pdf"], "bỏ qua 3"]);
});

test("the same file chosen twice is there once, however its system writes the accents; another size is another file", async () => {
  const page = await intake(["quyết định.pdf".normalize("NFD"), 4]);
  await page.chooses(["quyết định.pdf".normalize("NFD"), 4], ["quyết định.pdf".normalize("NFC"), 4], ["quyết định.pdf", 5]);
  assert.deepEqual(page.rows().map(([name]) => name), ["quyết định.pdf", "quyết định.pdf"]);
});

test("a file may be taken off the list before it is sent", async () => {
  const page = await intake(["a.pdf", 1], ["b.pdf", 1]);
  await page.press(".drop-row");
  await page.sends();
  assert.deepEqual(names(), ["b.pdf"]);
});

/* Opening the batch */

test("without files nothing is sent, and it is said what is lacking", async () => {
  const page = await intake();
  await page.sends();
  assert.deepEqual([page.complaints(), page.server.requests], [[["#files", "Tệp: chưa có tệp"]], []]);
});

test("what the form lacks is said with a way to it, and the files stay chosen", async () => {
  const page = await intake(["a.pdf", 1]);
  page.server.answer(BEGIN, { status: 422, json: { errors: { attestation: ["Hãy xác nhận."] } } });
  await page.sends();
  assert.deepEqual([page.complaints(), page.rows().length, page.find("#send").disabled], [[["#attestation", "Hãy xác nhận."]], 1, false]);
  assert.equal(page.document.activeElement, page.find("#problems"));
  page.server.answer(BEGIN, { page: "/intake/9", files: "/intake/9/files" });
  await page.sends();
  assert.deepEqual([names(), page.find("#problems").hidden], [["a.pdf"], true]);
});

for (const [name, answer, said] of [
  ["no network", LOST, "không có mạng"], ["a session that is over", { status: 401, html: "" }, "hãy đăng nhập"],
  ["a refusal with a sentence", { status: 409, json: { message: "Kho đang đầy." } }, "Kho đang đầy."],
]) {
  test(`a batch that could not be opened for ${name} says so and may be sent again`, async () => {
    const page = await intake(["a.pdf", 1]);
    page.server.answer(BEGIN, answer);
    await page.sends();
    assert.deepEqual([page.complaints(), page.find("#send").disabled, Request.all], [[["#files", said]], false, []]);
  });
}

test("pages of one document are sent with their place in it", async () => {
  const page = await intake(["b.jpg", 1], ["c-1.jpg", 1], ["c-2.jpg", 1]);
  page.server.answer(GROUPS, { groups: [["b.jpg"], ["c-1.jpg", "c-2.jpg"]] });
  page.find("[name=groups]").checked = true;
  await page.sends();
  const places = Request.all.map(({ headers }) => [headers["X-File-Group"], headers["X-File-Part"], headers["X-File-Parts"]]);
  assert.deepEqual(places, [["", "1", "1"], ["c-1.jpg", "1", "2"], ["c-1.jpg", "2", "2"]]);
  assert.deepEqual(page.server.asked(GROUPS)[0].body, { names: ["b.jpg", "c-1.jpg", "c-2.jpg"] });
});

for (const [name, answer] of [["no answer", LOST], ["an answer that is not ours", { status: 200, html: "<html>" }], ["an error", { status: 500, html: "" }]]) {
  test(`${name} to the question which pages belong together lets each file go by itself`, async () => {
    const page = await intake(["c-1.jpg", 1], ["c-2.jpg", 1]);
    page.server.answer(GROUPS, answer);
    page.find("[name=groups]").checked = true;
    await page.sends();
    assert.deepEqual(names(), ["c-1.jpg", "c-2.jpg"]);
  });
}

/* The queue */

test("three files are on their way at once, and the next goes when one is done", async () => {
  const page = await intake(...["a", "b", "c", "d", "e"].map((name) => [`${name}.pdf`, 1]));
  await page.sends();
  assert.deepEqual(names(), ["a.pdf", "b.pdf", "c.pdf"]);
  await page.answers(Request.all[1], 200, DONE);
  assert.deepEqual([names().at(-1), Request.all.length], ["d.pdf", 4]);
  assert.deepEqual([page.rows()[1], page.rows()[4]], [["b.pdf", "đã nhận"], ["e.pdf", "chờ"]]);
  assert.equal(page.text("[role=status]"), "1/5 tệp");
});

test("a file is sent with its name, size and the token; one over the limit only with its size, to be told so", async () => {
  const page = await intake(["công văn.pdf", 1000], ["quá lớn.pdf", 1001]);
  await page.sends();
  const [fits, large] = Request.all;
  assert.deepEqual([fits.route, fits.headers["X-CSRFToken"], fits.headers["X-File-Size"]], ["POST /intake/9/files", "the-token", "1000"]);
  assert.deepEqual([decodeURIComponent(fits.headers["X-File-Name"]), fits.file.size], ["công văn.pdf", 1000]);
  assert.deepEqual([large.headers["X-File-Size"], large.file], ["1001", null]);
});

test("when all are kept the page goes to the batch; while one is not, it stays", async () => {
  const page = await intake(["a.pdf", 1], ["b.pdf", 1]);
  await page.sends();
  await page.answers(Request.all[0], 200, DONE);
  await page.answers(Request.all[1], 422, { message: "Tệp bị hỏng." });
  assert.deepEqual([page.left, page.reasons()], [[], ["", "Tệp bị hỏng."]]);
  await page.press("#again");
  await page.answers(Request.all[2], 200, DONE);
  assert.deepEqual(page.left, ["/intake/9"]);
});

test("a file that was here already leads to its document", async () => {
  const page = await intake(["a.pdf", 1], ["b.pdf", 1]);
  await page.sends();
  await page.answers(Request.all[0], 200, { outcome: "duplicate", word: "đã có", look: "warn", reason: "Đã nhập ngày 1/3.", document: "/documents/4" });
  assert.deepEqual([page.rows()[0][1], page.find(".reason a").getAttribute("href")], ["đã có", "/documents/4"]);
});

for (const [name, status, told] of [["a lost network", 0], ["a proxy in the way", 200, { odd: true }], ["an error of the server", 500], ["a server that is busy", 429, {}]]) {
  test(`after ${name} the file is sent again by itself with growing pauses, and in the end waits for a person`, async () => {
    const page = await intake(["a.pdf", 1]);
    await page.sends();
    for (const [n, pause_s] of [1, 2, 4, 8, 15, 30, 60].entries()) {
      await page.answers(Request.all[n], status, told);
      assert.equal(page.rows()[0][1], `gửi lại sau ${pause_s} giây`);
      await page.pass(pause_s * 1000 - 1);
      assert.equal(Request.all.length, n + 1);
      await page.pass(1);
      assert.equal(Request.all.length, n + 2);
    }
    await page.answers(Request.all[7], status, told);
    await page.pass(600_000);
    assert.deepEqual([page.rows()[0][1], page.reasons()[0], Request.all.length], ["chưa gửi được", "không có mạng", 8]);
    assert.deepEqual([page.find("#again").hidden, page.find(".again-row").hidden], [false, false]);
  });
}

test("a file that is refused is not sent again by itself", async () => {
  const page = await intake(["a.pdf", 1], ["b.pdf", 1]);
  await page.sends();
  await page.answers(Request.all[0], 413, { message: "Tệp quá lớn." });
  await page.answers(Request.all[1], 401, {});
  await page.pass(600_000);
  assert.deepEqual([Request.all.length, page.reasons()], [2, ["Tệp quá lớn.", "hãy đăng nhập"]]);
  await page.press("tr:nth-child(2) .again-row");
  assert.deepEqual(names(), ["a.pdf", "b.pdf", "b.pdf"]);
});

test("a file that waits for its pause takes no place from the others", async () => {
  const page = await intake(...["a", "b", "c", "d"].map((name) => [`${name}.pdf`, 1]));
  await page.sends();
  await page.answers(Request.all[0], 0);
  assert.deepEqual(names(), ["a.pdf", "b.pdf", "c.pdf", "d.pdf"]);
});

test("when the net is back nobody sits out the pause, and nothing is sent twice", async () => {
  const page = await intake(["a.pdf", 1]);
  await page.sends();
  for (let n = 0; n < 4; n += 1) {
    await page.answers(Request.all[n], 0);
    await page.tell("online", null, page.window);
  }
  assert.equal(Request.all.length, 5);
  await page.pass(60_000);
  assert.equal(Request.all.length, 5);
});

test("who leaves while files are on their way is asked; who leaves before or after is not", async () => {
  const page = await intake(["a.pdf", 1]);
  const isAsked = () => {
    const event = new page.window.Event("beforeunload", { cancelable: true });
    page.window.dispatchEvent(event);
    return event.defaultPrevented;
  };
  assert.equal(isAsked(), false);
  await page.sends();
  assert.equal(isAsked(), true);
  await page.answers(Request.all[0], 200, DONE);
  assert.equal(isAsked(), false);
});

test("the progress of all is that of their bytes", async () => {
  const page = await intake(["a.pdf", 300], ["b.pdf", 100]);
  await page.sends();
  Request.all[0].upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 150, total: 300 }));
  assert.equal(page.find("#overall progress").value, 0.375);
  Request.all[0].upload.dispatchEvent(Object.assign(new Event("progress"), { loaded: 300, total: 300 }));
  assert.deepEqual([page.rows()[0][1], page.find("#overall progress").value], ["đang lưu", 0.75]);
  await page.answers(Request.all[0], 0);
  assert.equal(page.find("#overall progress").value, 0);
});
