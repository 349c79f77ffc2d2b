/* webapp/static/js/picker.js */

import assert from "node:assert/strict";
import test from "node:test";
import { LOST, open } from "./pages.js";

const HOA = { key: "7", name: "Nguyễn Thị Hoa", about: "Văn thư, Văn phòng", past: "" };
const HANH = { key: "8", name: "Lê Văn Hạnh", about: "", past: "tài khoản đã đóng" };
const FOUND = { rows: [HOA, HANH], said: "22 người khớp.", rest: "Còn 20 người." };
const ASKED = "GET /people?q=h";

const field = ({ many = false, rows = "", words = "" } = {}) => `
  <form method="post"><div class="field picker" data-source="/people" data-name="person"${many ? " data-many" : ""} data-drop="Bỏ chọn" data-picked="Đã chọn" data-dropped="Đã bỏ chọn" data-lost="Chưa tìm được.">
    <label for="person">Thành viên</label>
    <div class="search"><input id="person" name="person-words" value="${words}"><button name="pick" value="person">Tìm</button></div>
    <div class="to-tick">${rows}</div><input type="hidden" name="person-asked" value="x">
  </div><button>Lưu</button></form>`;
const row = ({ key, name, about }, checked) => `
  <label><input type="radio" name="person" value="${key}"${checked ? " checked" : ""}> <span><span class="name">${name}</span> <span class="beside">${about}</span></span></label>`;

async function picker(facts, reply = FOUND) {
  const page = open(field(facts));
  page.server.answer(ASKED, reply);
  page.server.answer("GET /people?q=", reply);
  await page.load("picker.js");
  page.input = page.find("#person");
  page.types = async (text) => {
    page.input.focus();
    page.input.value = text;
    page.input.dispatchEvent(new page.window.Event("input", { bubbles: true }));
    await page.pass(250);
  };
  page.keys = async (...names) => {
    for (const name of names) await page.key(name, page.input);
  };
  page.sends = () => page.findAll("form input[type=hidden]").map(({ name, value }) => `${name}=${value}`);
  page.said = () => page.text(".picker > [role=status]");
  page.active = () => page.document.getElementById(page.input.getAttribute("aria-activedescendant"))?.textContent;
  return page;
}

test("what is typed is asked once the hand rests, and how many there are is said", async () => {
  const page = await picker();
  page.input.focus();
  page.input.value = "ha";
  page.input.dispatchEvent(new page.window.Event("input", { bubbles: true }));
  await page.pass(150);
  await page.types("h");
  assert.deepEqual(page.server.requests.map(({ route }) => route), [ASKED]);
  assert.deepEqual(page.findAll("[role=option]").map((one) => one.textContent), [
    "Nguyễn Thị Hoa Văn thư, Văn phòng", "Lê Văn Hạnh (tài khoản đã đóng)",
  ]);
  assert.deepEqual([page.said(), page.text(".popup .rest"), page.input.getAttribute("aria-expanded")], ["22 người khớp. Còn 20 người.", "Còn 20 người.", "true"]);
});

test("arrows go round, Enter takes, and the form sends who was taken", async () => {
  const page = await picker();
  await page.types("h");
  await page.keys("ArrowDown", "ArrowDown", "ArrowDown");
  assert.equal(page.active(), "Nguyễn Thị Hoa Văn thư, Văn phòng");
  await page.keys("ArrowUp");
  assert.equal(page.active(), "Lê Văn Hạnh (tài khoản đã đóng)");
  const event = await page.key("Enter", page.input);
  assert.equal(event.defaultPrevented, true);
  assert.deepEqual([page.sends(), page.input.value, page.find(".popup").hidden], [["person=8"], "", true]);
  assert.equal(page.said(), "Đã chọn: Lê Văn Hạnh, tài khoản đã đóng");
  assert.equal(page.find(".chips button").getAttribute("aria-label"), "Bỏ chọn Lê Văn Hạnh, tài khoản đã đóng");
});

test("a second choice takes the place of the first, and beside it where several may be picked", async () => {
  for (const [many, sent] of [[false, ["person=8"]], [true, ["person=7", "person=8"]]]) {
    const page = await picker({ many });
    await page.types("h");
    await page.keys("ArrowDown", "Enter");
    await page.types("h");
    await page.keys("ArrowDown", "ArrowDown", "Enter");
    assert.deepEqual(page.sends(), sent);
  }
});

test("Enter without a choice sends no form while a name is being looked for, and sends it from an empty field", async () => {
  const page = await picker();
  await page.types("h");
  assert.equal((await page.key("Enter", page.input)).defaultPrevented, true);
  assert.deepEqual(page.sends(), []);
  await page.keys("Escape", "Escape");
  assert.equal((await page.key("Enter", page.input)).defaultPrevented, false);
});

test("Escape shuts the list and leaves the words, and a second time takes the words away", async () => {
  const page = await picker();
  await page.types("h");
  await page.keys("Escape");
  assert.deepEqual([page.find(".popup").hidden, page.input.value, page.input.getAttribute("aria-expanded")], [true, "h", "false"]);
  await page.keys("Escape");
  assert.equal(page.input.value, "");
});

test("Backspace in an empty field takes the last one back, and never a letter's place", async () => {
  const page = await picker({ rows: row(HOA, true) });
  assert.deepEqual(page.sends(), ["person=7"]);
  page.input.value = "h";
  await page.keys("Backspace");
  assert.deepEqual(page.sends(), ["person=7"]);
  page.input.value = "";
  await page.keys("Backspace");
  assert.deepEqual([page.sends(), page.said()], [[], "Đã bỏ chọn: Nguyễn Thị Hoa, Văn thư, Văn phòng"]);
});

test("what stood there is a chip with what tells it from its namesakes; the rows and the button are gone", async () => {
  const page = await picker({ rows: row(HOA, true) + row(HANH, false) });
  assert.equal(page.text(".chips li .candidate"), "Nguyễn Thị Hoa Văn thư, Văn phòng");
  assert.deepEqual([page.findAll("input[type=radio]").length, page.findAll("button[name=pick]").length], [0, 0]);
  await page.press(".chips button");
  assert.deepEqual([page.sends(), page.document.activeElement === page.input], [[], true]);
});

test("the list opens at a click and by the arrow with nothing typed", async () => {
  const page = await picker();
  page.input.focus();
  await page.keys("ArrowDown");
  assert.equal(page.findAll("[role=option]").length, 2);
  await page.press("[role=option]:last-child");
  assert.deepEqual(page.sends(), ["person=8"]);
});

test("without a net, or signed out, the field says so and keeps what was typed", async () => {
  for (const reply of [LOST, { status: 401, json: {} }]) {
    const page = await picker({}, reply);
    await page.types("h");
    assert.deepEqual([page.text(".popup .rest"), page.input.value, page.findAll("[role=option]").length], ["Chưa tìm được.", "h", 0]);
  }
});

test("an answer that comes after the field was left opens nothing", async () => {
  const page = await picker();
  page.input.focus();
  page.input.value = "h";
  page.input.dispatchEvent(new page.window.Event("input", { bubbles: true }));
  page.input.blur();
  await page.pass(1000);
  assert.equal(page.find(".popup").hidden, true);
});

test("names are written as text, whatever they hold", async () => {
  const page = await picker({}, { rows: [{ key: "1", name: "<img src=x>", about: "<b>", past: "" }], said: "1", rest: "" });
  await page.types("h");
  assert.equal(page.find("[role=option] img, [role=option] b"), null);
});
