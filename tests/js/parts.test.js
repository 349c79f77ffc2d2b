/* webapp/static/js/meeting-parts.js */

import assert from "node:assert/strict";
import test from "node:test";
import { open } from "./pages.js";

async function room(inside, attributes = 'data-person="5" data-rights="see vote"', people = "") {
  const page = open(`${people}<div id="live" ${attributes}>${inside}</div>`);
  const parts = await page.load("meeting-parts.js");
  const root = page.find("#live");
  return Object.assign(page, { root, place: (fresh) => parts.place(root, fresh), personalise: () => parts.personalise(root, root) });
}

const floor = (inside) => `<section data-part="floor">${inside}</section>`;
const ASK = '<form data-key="ask" action="/ask"><label>Nội dung <textarea name="text"></textarea></label><button>Gửi</button></form>';

test("a part that comes stands in the place of the old one, and only those the page has are named", async () => {
  const page = await room(floor("<p>Cũ</p>"));
  assert.deepEqual([...page.place({ floor: "<p>Mới</p>", vote: "<p>Không có ở đây</p>" })], ["floor"]);
  assert.equal(page.find('[data-part="floor"]').innerHTML, "<p>Mới</p>");
});

test("what somebody is writing stays, with the caret, while everything around it is renewed", async () => {
  const page = await room(floor(`<p>2 người</p>${ASK}<p>cuối</p>`));
  const field = page.find("textarea");
  field.focus();
  field.value = "Tôi đề nghị";
  page.place({ floor: `<p>3 người</p><p>mới</p>${ASK}<p>hết</p>` });
  assert.equal(page.find("textarea"), field);
  assert.deepEqual([page.document.activeElement, field.value], [field, "Tôi đề nghị"]);
  assert.deepEqual(page.findAll("#live p").map((one) => one.textContent), ["3 người", "mới", "hết"]);
});

test("what is being written is never taken out of the page, not even for a moment", async () => {
  const page = await room(floor(`<div class="old"><div>${ASK}</div></div>`));
  page.find("textarea").focus();
  const taken = [];
  const watch = new page.window.MutationObserver((changes) => taken.push(...changes.flatMap((one) => [...one.removedNodes])));
  watch.observe(page.root, { childList: true, subtree: true });
  page.place({ floor: `<p>trước</p><div class="new"><div>${ASK}<p>sau</p></div></div>` });
  const form = page.find("form");
  assert.equal(watch.takeRecords().concat(taken).some((node) => node === form || node.contains?.(form)), false);
  assert.deepEqual([page.find("#live div").className, page.text("form + p")], ["new", "sau"]);
});

for (const [name, field, change] of [
  ["a ticked box", '<input type="checkbox">', (one) => { one.checked = true; }],
  ["another choice of a list", "<select><option>1</option><option>2</option></select>", (one) => { one.selectedIndex = 1; }],
  ["a text that was typed and left", '<input value="cũ">', (one) => { one.value = "mới"; }],
]) {
  test(`${name} keeps its form, though nobody stands in it`, async () => {
    const form = `<form data-key="one">${field}</form>`;
    const page = await room(floor(form));
    const kept = page.find("form").firstElementChild;
    change(kept);
    page.place({ floor: form });
    assert.equal(page.find("form").firstElementChild, kept);
  });
}

test("a form that nobody has touched is renewed", async () => {
  const page = await room(floor('<form data-key="one"><input type="hidden" name="act_id" value="1"><input value="a"></form>'));
  page.find("[name=act_id]").value = "changed by script";
  page.place({ floor: '<form data-key="one"><input type="hidden" name="act_id" value="2"><input value="b"></form>' });
  assert.deepEqual(page.findAll("input").map((one) => one.value), ["2", "b"]);
});

test("a form that is on its way stays until its answer has come", async () => {
  const form = '<form data-key="one"><button>Gửi</button></form>';
  const page = await room(floor(form));
  const sent = page.find("form");
  sent.dataset.busy = "";
  page.place({ floor: form });
  assert.equal(page.find("form"), sent);
});

test("a form that the new part has no more is gone, also when somebody writes in it", async () => {
  const page = await room(floor(ASK));
  page.find("textarea").focus();
  page.place({ floor: "<p>Đã khóa</p>" });
  assert.deepEqual([page.find("form"), page.text("#live p")], [null, "Đã khóa"]);
});

test("what was unfolded stays unfolded", async () => {
  const folded = '<details id="more"><p>x</p></details><details data-key="a b"><p>y</p></details>';
  const page = await room(floor(folded));
  page.find("#more").open = true;
  page.find('[data-key="a b"]').open = true;
  page.place({ floor: `${folded}<details id="other"><p>z</p></details>` });
  assert.deepEqual(page.findAll("details").map((one) => one.open), [true, true, false]);
});

test("whoever works by keyboard stands on the same button after it", async () => {
  const page = await room(floor('<form action="/raise"><button>Giơ tay</button></form><button id="big">Chữ lớn</button>'));
  for (const selector of ["form button", "#big"]) {
    page.find(selector).focus();
    page.place({ floor: '<form action="/raise"><button>Bỏ tay</button></form><button id="big">Chữ nhỏ</button>' });
    assert.equal(page.document.activeElement, page.find(selector));
  }
});

test("a shared part is made one's own: what needs a right is shown to whoever has it, what is one's own to oneself", async () => {
  const page = await room(floor(""));
  page.place({ floor: `
    <b data-needs="vote">vote</b><b data-needs="preside">preside</b>
    <b data-only-me="4 5">mine</b><b data-only-me="55">not mine</b>
    <b data-person="5">me</b><b data-person="55">another</b>` });
  const shown = page.findAll("b").filter((one) => !one.hidden).map((one) => one.textContent);
  assert.deepEqual(shown, ["vote", "mine", "me", "another"]);
  assert.deepEqual(page.findAll(".is-me").map((one) => one.textContent), ["me"]);
});

test("a page without rights shows nothing that needs one", async () => {
  const page = await room(floor('<b data-needs="vote">vote</b>'), "");
  page.personalise();
  assert.equal(page.find("b").hidden, true);
});

test("the list of people is filled in once", async () => {
  const people = '<template id="people"><option value="1">Bà Lan</option></template>';
  const page = await room(floor("<select data-people><option>–</option></select>"), "", people);
  page.personalise();
  page.personalise();
  assert.deepEqual(page.findAll("option").map((one) => one.textContent), ["–", "Bà Lan"]);
});

/* What stands where something else stood */

const next = (action, words, at, fields = "") =>
  `<form method="post" action="${action}">${fields}<button data-at="${at}">${words}</button></form>`;

async function desk(inside) {
  const page = await room(`<section data-part="next">${inside}</section>`);
  page.window.Element.prototype.getBoundingClientRect = function () {
    const [left, top] = (this.dataset.at ?? "0 0").split(" ").map(Number);
    return { left, top, right: left + 100, bottom: top + 40, width: 100, height: 40 };
  };
  page.waits = () => page.findAll("button").map((one) => one.dataset.settles !== undefined && one.getAttribute("aria-disabled") === "true");
  return page;
}

test("a button that comes to stand where another act stood waits for two seconds, though it is put in anew meanwhile", async () => {
  const page = await desk(next("/open", "Mở", "10 10"));
  page.place({ next: next("/close", "Khóa", "60 10") + next("/adjourn", "Tạm nghỉ", "300 10") });
  assert.deepEqual(page.waits(), [true, false]);
  await page.pass(1500);
  page.place({ next: next("/close", "Khóa", "60 10") + next("/adjourn", "Tạm nghỉ", "300 10") });
  assert.deepEqual(page.waits(), [true, false]);
  await page.pass(500);
  assert.deepEqual(page.waits(), [false, false]);
});

test("the same act in the same place waits for nobody, whatever its key and its token", async () => {
  const fields = (key) => `<input type="hidden" name="act_id" value="${key}"><input type="hidden" name="participant" value="5">`;
  const page = await desk(next("/come", "Có mặt", "10 10", fields("a")));
  page.place({ next: next("/come", "Có mặt", "10 10", fields("b")) });
  assert.deepEqual(page.waits(), [false]);
  page.place({ next: next("/come", "Có mặt", "10 10", fields("c").replace('"5"', '"6"')) });
  assert.deepEqual(page.waits(), [true]);
});
