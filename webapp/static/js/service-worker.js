/* Life without network: the room, and the papers that were opened, stay readable as they were seen last. The network always comes
   first; nothing else is kept, no act is ever kept, and what may no longer be read is thrown away at the first answer that says so. */

const PERSON = new URL(self.location).searchParams.get("person") ?? "";
const CACHE = `khonggiay-${PERSON}`;
const PATIENCE_MS = 6000; // a net that does not answer in this time is as good as none, if something is kept
const KEPT_DAYS = 14;
const KEPT_AT = "X-Kept-At";
const PAGES = /^\/meetings\/\d+(\/room|\/papers(\/\d+(\/versions\/\d+(\/pages\/\d+\/(image|thumbnail)|\/file)?)?)?)?$/;
const RIGHT = /^\/meetings\/\d+\/(room|parts)$/; // who may not have these may have nothing of the meeting
const PAPER = /^\/meetings\/\d+\/papers\/\d+$/;
const DESK = /<div id="desk"[\s\S]*(?=<\/main>)/; // the last thing in the page of a paper
const PART = "kept-part"; // set in the address under which a part of a page is kept
const SHEET = /^((\/meetings\/\d+\/papers\/\d+)\/versions\/\d+)\/(pages\/\d+\/(image|thumbnail)|file)$/;
const LOOK_EVERY_MS = 5 * 60_000;
const GONE = new Set([401, 403, 404, 410]);

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.matchAll({ type: "window" }).then((pages) => pages.find(({ url }) => url.includes("/meetings/"))?.focus()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (PAGES.test(url.pathname) || url.pathname.startsWith("/static/")) event.respondWith(answer(event, request, url));
  else if (RIGHT.test(url.pathname)) event.respondWith(fetch(request).then((got) => (forgetLost(got, request, url), got)));
});

async function answer(event, request, url) {
  const kept = await keptOf(request, url);
  try {
    const got = await fromNet(request, kept);
    event.waitUntil(keepOrForget(got.clone(), request, url).then(lookAfter));
    return got;
  } catch (error) {
    if (!kept) throw error;
    return asKept(kept);
  }
}

/* Pages of a paper are turned by fetching their desk alone: it is kept beside the whole page of the same address, not over it. */
function placeOf(request, url) {
  const place = new URL(url);
  place.searchParams.delete("led"); // who is led to a page sees the same page
  const part = request.headers.get("HX-Target");
  if (part) place.searchParams.set(PART, part);
  return place;
}

/* What is kept of a page, or of its desk: as it came, or made of the other. */
async function keptOf(request, url) {
  const cache = await caches.open(CACHE);
  const place = placeOf(request, url);
  const kept = await cache.match(place.href, { ignoreVary: true });
  if (kept || !PAPER.test(url.pathname)) return kept;
  return place.searchParams.has(PART) ? deskOfPage(cache, place) : pageAroundDesk(cache, place);
}

async function deskOfPage(cache, place) {
  place.searchParams.delete(PART);
  const page = await cache.match(place.href, { ignoreVary: true });
  const desk = page && DESK.exec(await page.text());
  return desk ? new Response(desk[0], { status: 200, headers: page.headers }) : undefined;
}

async function pageAroundDesk(cache, place) {
  const version = place.searchParams.get("version");
  place.searchParams.set(PART, "desk");
  const desk = await cache.match(place.href, { ignoreVary: true });
  if (!desk) return undefined;
  for (const { url } of await cache.keys()) {
    const other = new URL(url);
    if (other.pathname !== place.pathname || other.searchParams.has(PART) || other.searchParams.get("version") !== version) continue;
    const [frame, inside] = [await (await cache.match(url, { ignoreVary: true })).text(), await desk.text()];
    return new Response(frame.replace(DESK, () => inside), { status: 200, headers: desk.headers });
  }
  return undefined;
}

function fromNet(request, kept) {
  const net = fetch(request);
  if (!kept) return net;
  const late = new Promise((_, reject) => setTimeout(() => reject(new TypeError("no answer")), PATIENCE_MS));
  net.catch(() => {}); // it may fail long after we have stopped waiting
  return Promise.race([net, late]);
}

async function keepOrForget(got, request, url) {
  if (isOfAnother(got)) return forgetAll();
  if (got.type === "opaqueredirect" || GONE.has(got.status)) return forgetLost(got, request, url);
  if (got.status !== 200 || got.redirected || got.type !== "basic") return;
  const headers = new Headers(got.headers);
  headers.set(KEPT_AT, new Date().toISOString());
  const cache = await caches.open(CACHE);
  await cache.put(placeOf(request, url).href, new Response(await got.blob(), { status: 200, headers }));
}

function isOfAnother(got) {
  const person = got.headers.get("X-Person");
  return person !== null && person !== PERSON;
}

async function forgetLost(got, request, url) {
  if (got.type !== "opaqueredirect" && !GONE.has(got.status)) return;
  const whole = RIGHT.test(url.pathname) ? url.pathname.replace(/[^/]+$/, "") : url.pathname;
  const cache = await caches.open(CACHE);
  await cache.delete(url.href, { ignoreSearch: true, ignoreVary: true });
  await forgetBelow(cache, whole);
}

/* Whenever the server is there: ask of each version whose pages are kept whether one may still have it. A paper that was taken back, held
   back or destroyed goes from the device though nobody opens it again. */
let looked = -Infinity;
async function lookAfter() {
  if (Date.now() - looked < LOOK_EVERY_MS) return;
  looked = Date.now();
  const cache = await caches.open(CACHE);
  const versions = new Map();
  for (const { url } of await cache.keys()) {
    const [, version, paper] = SHEET.exec(new URL(url).pathname) ?? [];
    if (version) versions.set(version, { url, paper });
  }
  for (const { url, paper } of versions.values()) {
    const got = await fetch(new Request(url, { method: "HEAD", redirect: "manual", cache: "no-store" })).catch(() => null);
    if (!got) return;
    if (isOfAnother(got)) return forgetAll();
    if (got.type === "opaqueredirect" || GONE.has(got.status)) await forgetBelow(cache, paper);
  }
}

async function forgetBelow(cache, whole) {
  for (const one of await cache.keys()) {
    const path = new URL(one.url).pathname;
    if (path === whole || path.startsWith(whole.endsWith("/") ? whole : `${whole}/`)) await cache.delete(one);
  }
}

async function forgetAll() {
  await caches.delete(CACHE);
}

async function tidy() {
  for (const name of await caches.keys()) if (name.startsWith("khonggiay-") && name !== CACHE) await caches.delete(name);
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const kept = await cache.match(request);
    const days = (Date.now() - new Date(kept?.headers.get(KEPT_AT) ?? 0)) / 86_400_000;
    if (days > KEPT_DAYS) await cache.delete(request);
  }
}

async function asKept(kept) {
  if (!kept.headers.get("Content-Type")?.startsWith("text/html")) return kept;
  const page = await kept.text();
  const html = page.replace(/<body[^>]*>/, (body) => body + banner(page, new Date(kept.headers.get(KEPT_AT))));
  return new Response(html, { status: 200, headers: kept.headers });
}

function banner(page, at) {
  const time = at.toLocaleTimeString("vi-VN", { hour: "2-digit", minute: "2-digit", hour12: false });
  const day = at.toDateString() === new Date().toDateString() ? "" : `, ${at.toLocaleDateString("vi-VN")}`;
  const isEnglish = page.includes('<html lang="en">');
  const words = isEnglish ? `No network. You are reading the copy kept at ${time}${day}` : `Mất mạng. Đang xem bản lưu lúc ${time}${day}`;
  return `<div class="kept-copy" role="status">${words} · <a href="">${isEnglish ? "Try again" : "Tải lại"}</a></div>`;
}
