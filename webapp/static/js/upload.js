/* Bringing files in: each on a row of its own, three at a time, sent again with growing pauses when the net fails. The same file
   of the same batch gets the same receipt, so sending again is safe. Without this script the form sends its files by itself. */

const AT_ONCE = 3;
const PAUSES_S = [1, 2, 4, 8, 15, 30, 60];
const SYSTEM_FILES = /(^|\/)(\.[^/]*|thumbs\.db|desktop\.ini)$/i;

const form = document.getElementById("intake");
const words = document.getElementById("words").dataset;
const drop = document.getElementById("drop");
const rows = document.querySelector("#uploads tbody");
const overall = document.getElementById("overall");
const send = document.getElementById("send");
const again = document.getElementById("again");
const token = document.querySelector('meta[name="csrf-token"]').content;

const byName = new Intl.Collator("vi", { numeric: true });
const uploads = [];
let batch = null; // {page, files}: the addresses of the batch, once it is open
let skipped = 0;

document.documentElement.classList.add("script");

const say = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const number = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ".");

function size(bytes) {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes, unit = 0;
  for (; value >= 1024 && unit < 3; unit++) value /= 1024;
  return unit ? `${value.toFixed(1).replace(".", ",")} ${units[unit]}` : `${value} B`;
}

/* Choosing */

for (const input of form.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => {
    add([...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name })));
    input.value = "";
  });
}

for (const name of ["dragover", "dragleave", "drop"]) {
  form.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.toggle("over", name === "dragover");
  });
}
form.addEventListener("drop", async (event) => {
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
  for (const entry of entries) add(await filesOf(entry));
});

async function filesOf(entry) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject)).catch(() => null);
    return file ? [{ file, name: entry.fullPath.slice(1) }] : [];
  }
  const reader = entry.createReader(), found = [];
  for (;;) { // a reader gives its entries in portions
    const portion = await new Promise((resolve, reject) => reader.readEntries(resolve, reject)).catch(() => []);
    if (!portion.length) return found;
    for (const child of portion) found.push(...await filesOf(child));
  }
}

function add(chosen) {
  if (batch) return;
  const named = chosen.map(({ file, name }) => ({ file, name: name.normalize("NFC") })); // some systems take the accents apart
  for (const { file, name } of named.sort((one, other) => byName.compare(one.name, other.name))) {
    if (SYSTEM_FILES.test(name)) { skipped++; continue; }
    if (uploads.some((one) => one.name === name && one.file.size === file.size)) continue;
    uploads.push(draw({ file, name, state: "waiting", sent: 0, tries: 0, group: "", part: 1, parts: 1 }));
  }
  refresh();
}

function draw(upload) {
  const row = document.getElementById("upload-row").content.cloneNode(true).firstElementChild;
  row.querySelector(".name").textContent = upload.name;
  row.querySelector(".size").textContent = size(upload.file.size);
  row.querySelector(".drop-row").addEventListener("click", () => { uploads.splice(uploads.indexOf(upload), 1); row.remove(); refresh(); });
  row.querySelector(".again-row").addEventListener("click", () => { restart(upload); pump(); });
  rows.append(row);
  upload.row = row;
  show(upload, words.waiting, "neutral");
  return upload;
}

function show(upload, text, look, reason = "", link = "") {
  const badge = upload.row.querySelector(".badge");
  badge.className = `badge ${look}`;
  badge.textContent = text;
  const said = upload.row.querySelector(".reason");
  said.textContent = reason;
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = words.link;
    said.append(" ", anchor);
  }
  upload.row.querySelector("progress").hidden = upload.state !== "sending";
  upload.row.querySelector(".drop-row").hidden = batch !== null;
  upload.row.querySelector(".again-row").hidden = upload.state !== "stopped";
}

/* Opening the batch */

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!uploads.length) return complain([["files", `${words.files}: ${words.none}`]]);
  send.disabled = true;
  const facts = new FormData(form);
  facts.delete("files");
  try {
    const answer = await fetch(form.action, { method: "POST", body: facts, headers: { Accept: "application/json", "X-CSRFToken": token } });
    const told = await answer.json().catch(() => ({}));
    if (answer.ok) return await start(told);
    const problems = Object.entries(told.errors ?? {}).flatMap(([name, errors]) => errors.map((error) => [name, error]));
    complain(problems.length ? problems : [["files", told.message ?? (answer.status === 401 ? words.signedOut : words.stoppedReason)]]);
  } catch {
    complain([["files", words.stoppedReason]]);
  }
  send.disabled = false;
});

function complain(problems) {
  const box = document.getElementById("problems");
  box.querySelector("ul").replaceChildren(...problems.map(([name, text]) => {
    const item = document.createElement("li"), link = document.createElement("a");
    link.href = `#${name}`;
    link.textContent = text;
    item.append(link);
    return item;
  }));
  box.hidden = false;
  box.focus();
}

async function start(opened) {
  document.getElementById("problems").hidden = true;
  document.getElementById("facts").disabled = true;
  drop.hidden = true;
  send.hidden = document.getElementById("leave").hidden = true;
  if (form.elements.groups.checked) await group();
  form.elements.groups.closest(".field").hidden = true;
  batch = opened;
  const result = document.getElementById("result");
  result.href = batch.page;
  result.hidden = false;
  overall.hidden = false;
  overall.scrollIntoView({ block: "center" });
  for (const upload of uploads) show(upload, words.waiting, "neutral", upload.group ? say(words.page, upload) : "");
  pump();
}

async function group() {
  const named = new Map(uploads.map((upload) => [upload.name, upload]));
  const names = [...named.keys()];
  const answer = await fetch(form.dataset.groups, {
    method: "POST", body: JSON.stringify({ names }),
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
  }).catch(() => null);
  const told = answer?.ok && await answer.json().catch(() => null);
  for (const family of told ? told.groups : []) {
    if (family.length < 2) continue;
    family.forEach((name, place) => Object.assign(named.get(name), { group: family[0], part: place + 1, parts: family.length }));
  }
}

/* Sending */

function pump() {
  let free = AT_ONCE - uploads.filter((upload) => upload.state === "sending").length;
  for (const upload of uploads) {
    if (free <= 0) break;
    if (upload.state === "waiting") { free--; transmit(upload); }
  }
  refresh();
}

function transmit(upload) {
  const isTooLarge = upload.file.size > Number(form.dataset.limit);
  const request = new XMLHttpRequest();
  const bar = upload.row.querySelector("progress");
  upload.state = "sending";
  upload.tries++;
  show(upload, words.sending, "busy");
  request.open("POST", batch.files);
  const headers = {
    Accept: "application/json", "Content-Type": "application/octet-stream", "X-CSRFToken": token,
    "X-File-Name": encodeURIComponent(upload.name), "X-File-Size": upload.file.size,
    "X-File-Group": encodeURIComponent(upload.group), "X-File-Part": upload.part, "X-File-Parts": upload.parts,
  };
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  request.upload.addEventListener("progress", (event) => {
    upload.sent = event.loaded;
    bar.value = event.loaded / (event.total || 1);
    if (event.loaded === event.total) show(upload, words.keeping, "busy");
    refresh();
  });
  request.addEventListener("loadend", () => settle(upload, request));
  request.send(isTooLarge ? null : upload.file);
}

function settle(upload, request) {
  let told = {};
  try { told = JSON.parse(request.responseText); } catch { /* not ours: a proxy, or nothing at all */ }
  if (request.status === 200 && told.outcome) {
    upload.state = "done";
    upload.sent = upload.file.size;
    show(upload, told.word, told.look, told.reason, told.outcome === "duplicate" ? told.document : "");
  } else if (request.status >= 400 && request.status < 500 && request.status !== 429) {
    stop(upload, request.status === 401 ? words.signedOut : told.message ?? words.stoppedReason);
  } else {
    pause(upload, told.message);
  }
  pump();
}

function pause(upload, message) {
  const pause_s = PAUSES_S[upload.tries - 1];
  if (pause_s === undefined) return stop(upload, message ?? words.stoppedReason);
  upload.state = "pausing";
  upload.sent = 0;
  show(upload, say(words.pausing, { s: pause_s }), "warn");
  upload.timer = setTimeout(() => { upload.state = "waiting"; pump(); }, pause_s * 1000);
}

function stop(upload, reason) {
  upload.state = "stopped";
  upload.sent = 0;
  show(upload, words.stopped, "bad", reason);
}

function restart(upload) {
  clearTimeout(upload.timer);
  Object.assign(upload, { state: "waiting", tries: 0 });
}

again.addEventListener("click", () => {
  uploads.filter((upload) => upload.state === "stopped").forEach(restart);
  pump();
});

window.addEventListener("online", () => { // no need to sit out the pause
  uploads.filter((upload) => ["pausing", "stopped"].includes(upload.state)).forEach(restart);
  if (batch) pump();
});

/* What is said of all of them */

function refresh() {
  const all = uploads.length, done = uploads.filter((upload) => upload.state === "done").length;
  const stopped = uploads.filter((upload) => upload.state === "stopped").length;
  document.querySelector(".uploads").hidden = !all;
  overall.hidden = !batch && !skipped;
  send.textContent = all ? say(words.send, { n: number(all) }) : send.textContent;
  again.hidden = !stopped;
  const bytes = uploads.reduce((sum, upload) => sum + upload.file.size, 0) || 1;
  overall.querySelector("progress").hidden = !batch;
  overall.querySelector("progress").value = uploads.reduce((sum, upload) => sum + Math.min(upload.sent, upload.file.size), 0) / bytes;
  const said = [];
  if (batch) said.push(say(words.progress, { done: number(done), all: number(all) }));
  if (stopped) said.push(say(words.failed, { n: number(stopped) }));
  if (skipped) said.push(say(words.skipped, { n: number(skipped) }));
  const status = overall.querySelector("[role=status]");
  if (status.textContent !== said.join(" · ")) status.textContent = said.join(" · ");
  if (batch && done === all) location.assign(batch.page);
}

window.addEventListener("beforeunload", (event) => {
  if (batch && uploads.some((upload) => ["waiting", "sending", "pausing"].includes(upload.state))) {
    event.preventDefault();
    event.returnValue = words.leaving;
  }
});
