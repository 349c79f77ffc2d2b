/* A page to test our modules in: a document of jsdom, a clock that only tests move, and a server and a socket that say what they are
   told to say. Each page loads its modules anew, so no test sees what another left. The modules themselves are real. */

import { readFileSync } from "node:fs";
import { after, afterEach } from "node:test";
import vm from "node:vm";
import FakeTimers from "@sinonjs/fake-timers";
import { JSDOM, VirtualConsole } from "jsdom";

process.env.TZ = "Asia/Ho_Chi_Minh";

export const MODULES = new URL("../../webapp/static/js/", import.meta.url);
export const NOON = Date.parse("2026-03-02T12:00:00+07:00");
const FRAME = '<meta name="csrf-token" content="the-token">';

const opened = [];
afterEach(() => { for (const page of opened) page.check(); });
after(() => { for (const page of opened.splice(0)) page.close(); });

/* Open a page with this body; a person who is signed in has an id. */
export function open(body, { at = "https://giay.test/meetings/7/room", person = "5", now = NOON, storage = {} } = {}) {
  const page = new Page(body, { at, person, now, storage });
  opened.push(page);
  return page;
}

class Page {
  constructor(body, { at, person, now, storage }) {
    const said = new VirtualConsole();
    this.mishaps = [];
    said.on("jsdomError", (error) => this.mishaps.push(error.cause ?? error));
    const who = person ? `<meta name="person" content="${person}">` : "";
    this.dom = new JSDOM(`<!doctype html><html lang="vi"><head>${FRAME}${who}</head><body>${body}</body></html>`, {
      url: at, runScripts: "outside-only", pretendToBeVisual: true, virtualConsole: said,
    });
    const { window } = this.dom;
    Object.assign(this, { window, document: window.document, storage: window.localStorage, modules: new Map(), left: [] });
    for (const [name, value] of Object.entries(storage)) window.localStorage.setItem(name, value);
    this.clock = FakeTimers.withGlobal(window).install({ now, toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date"] });
    this.server = new Server();
    this.socket = new Socket();
    this.htmx = new Htmx();
    lendWhatJsdomLacks(window);
    window.fetch = this.server.fetch;
    window.Math.random = () => 0.5;
    watchLeaving(window, this.left);
  }

  find = (selector) => this.document.querySelector(selector);
  findAll = (selector) => [...this.document.querySelectorAll(selector)];
  text = (selector) => this.find(selector).textContent.trim();

  /* Load one of our modules with all it imports; what it exports comes back. */
  async load(name) {
    const module = await this.#module(new URL(name, MODULES));
    if (module.status === "unlinked") await module.link((specifier, from) => this.#module(new URL(specifier, from.identifier)));
    if (module.status === "linked") await module.evaluate();
    await this.pass(0);
    return module.namespace;
  }

  async #module(url) {
    if (!this.modules.has(url.href)) this.modules.set(url.href, this.#made(url));
    return this.modules.get(url.href);
  }

  #made(url) {
    const context = this.dom.getInternalVMContext();
    if (url.pathname.endsWith("/vendor/socket.io.esm.min.js")) return exporting(context, { io: (options) => this.socket.opened(options) });
    if (url.pathname.endsWith("/vendor/htmx.esm.js")) return exporting(context, { default: this.htmx });
    return new vm.SourceTextModule(readFileSync(url, "utf8"), {
      context, identifier: url.href,
      importModuleDynamically: async (specifier) => {
        const wanted = new URL(specifier, url);
        await this.load(wanted.href);
        return this.modules.get(wanted.href);
      },
    });
  }

  /* Let time pass, with everything that is due in it. */
  async pass(ms) {
    await this.clock.tickAsync(ms);
    await this.clock.tickAsync(0);
  }

  async press(selector) {
    this.find(selector).click();
    await this.pass(0);
  }

  async tell(name, detail, on = this.document) {
    on.dispatchEvent(new this.window.CustomEvent(name, { detail, bubbles: true, cancelable: true }));
    await this.pass(0);
  }

  async key(name, on = this.document.body) {
    const event = new this.window.KeyboardEvent("keydown", { key: name, bubbles: true, cancelable: true });
    on.dispatchEvent(event);
    await this.pass(0);
    return event;
  }

  /* Write into a field as a person does, and leave it. */
  async write(selector, text) {
    const field = typeof selector === "string" ? this.find(selector) : selector;
    field.value = text;
    for (const name of ["input", "change"]) field.dispatchEvent(new this.window.Event(name, { bubbles: true }));
    await this.pass(0);
  }

  kept = (name) => JSON.parse(this.storage.getItem(name));

  check() {
    const [first] = this.mishaps.splice(0);
    if (first) throw first;
  }

  close() {
    this.clock.uninstall();
    this.window.close();
  }
}

function exporting(context, values) {
  return new vm.SyntheticModule(Object.keys(values), function () {
    for (const [name, value] of Object.entries(values)) this.setExport(name, value);
  }, { context });
}

function lendWhatJsdomLacks(window) {
  window.CSS = { escape: (text) => String(text).replace(/[^\w-]/g, (letter) => `\\${letter}`) };
  window.Element.prototype.scrollIntoView = () => {};
  window.document.elementFromPoint = () => null;
  window.matchMedia = () => ({ matches: false });
  window.HTMLDialogElement.prototype.showModal = function () { this.open = true; };
  window.addEventListener("submit", (event) => {
    const dialog = event.target.closest("dialog");
    if (!dialog || event.defaultPrevented) return;
    event.preventDefault();
    Object.assign(dialog, { open: false, returnValue: event.submitter.value });
    dialog.dispatchEvent(new window.Event("close"));
  });
}

/* jsdom leads nowhere; where a page wanted to go is written down. */
function watchLeaving(window, left) {
  const [inner] = Object.getOwnPropertySymbols(window.location).map((symbol) => window.location[symbol]);
  inner.assign = (address) => left.push(address);
  inner.reload = () => left.push("reload");
}

export const LOST = Symbol("the network was gone");
export const SILENCE = Symbol("no answer ever came");

/* What the page asks, and what it is answered. `answer("POST /x", …)` takes a body, {status, …}, LOST, SILENCE, a list of these (one
   for each time; the last one lasts), or a function of the request. */
class Server {
  requests = [];
  routes = new Map();
  isAway = false;

  answer(route, ...replies) {
    this.routes.set(route, replies.length > 1 ? replies : replies[0]);
  }

  asked = (route) => this.requests.filter((request) => request.route === route);

  fetch = async (to, options = {}) => {
    const request = readRequest(to, options);
    this.requests.push(request);
    const reply = this.isAway ? LOST : this.#replyTo(request);
    if (reply === LOST) throw new TypeError("Failed to fetch");
    if (reply !== SILENCE) return made(await reply, request);
    return new Promise((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(options.signal.reason));
    });
  };

  #replyTo(request) {
    const { route } = request;
    if (!this.routes.has(route)) throw new Error(`the test does not say what ${route} is answered`);
    const replies = this.routes.get(route);
    const reply = Array.isArray(replies) ? (replies.length > 1 ? replies.shift() : replies[0]) : replies;
    return typeof reply === "function" ? reply(request) : reply;
  }
}

function readRequest(to, { method = "GET", body, headers = {} }) {
  const url = new URL(to, "https://giay.test/");
  const isJson = headers["Content-Type"] === "application/json";
  return { route: `${method} ${url.pathname}${url.search}`, headers, body: isJson ? JSON.parse(body) : body };
}

function made(reply, { route }) {
  const isFull = reply !== null && typeof reply === "object" && "status" in reply;
  const { status, json, html, headers = {}, redirected = false, url = route.split(" ")[1] } = isFull ? reply : { status: 200, json: reply };
  const type = html === undefined ? "application/json" : "text/html; charset=utf-8";
  return {
    status, ok: status >= 200 && status < 300, redirected, url,
    headers: new Headers({ "Content-Type": type, ...headers }),
    json: async () => {
      if (json === undefined) throw new SyntaxError("not JSON");
      return structuredClone(json);
    },
    text: async () => html ?? JSON.stringify(json),
  };
}

/* The side of the socket that the page holds. */
class Socket {
  connected = false;
  active = true; // whether it comes back by itself
  sent = [];
  listeners = new Map();
  acknowledge = () => {}; // (name, value, answer): answer(error, value)

  opened(options) {
    this.options = options;
    return this;
  }

  on(name, listener) {
    this.listeners.set(name, [...(this.listeners.get(name) ?? []), listener]);
    return this;
  }

  emit(name, value, answer) {
    this.sent.push([name, value]);
    if (answer) this.acknowledge(name, value, answer);
    return this;
  }

  timeout() {
    return this;
  }

  connect() {
    this.sent.push(["connect"]);
    return this;
  }

  disconnect() {
    this.connected = false;
    this.sent.push(["disconnect"]);
    return this;
  }

  says(name, message) {
    for (const listener of this.listeners.get(name) ?? []) listener(message);
  }

  comes() {
    this.connected = true;
    this.says("connect");
  }

  goes(reason = "transport close") {
    this.connected = false;
    this.says("disconnect", reason);
  }
}

class Htmx {
  fetched = [];
  triggered = [];
  ajax = async (method, address, options) => void this.fetched.push([method, address, options.target]);
  trigger = (element, name) => this.triggered.push([element, name]);
}
