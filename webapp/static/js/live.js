/* The live rooms: one socket for the page. While there is none for 5 s, whoever follows a room is told to look every 5 s.
   The word that the net is gone comes after 4 s only, and goes at once. */

import { io } from "../vendor/socket.io.esm.min.js";

const POLL_MS = 5000;
const BANNER_MS = 4000;

const followers = new Map();
let socket = null;
let poll = null;
let banner = null;

export function follow(room, tell) {
  if (!followers.has(room)) followers.set(room, new Set());
  followers.get(room).add(tell);
  if (!socket) open();
  else if (socket.connected) socket.emit("follow", room);
}

function open() {
  socket = io({ transports: ["websocket", "polling"] });
  socket.on("changed", ({ room }) => tellRoom(room));
  socket.on("connect", () => {
    clearTimeout(banner);
    document.querySelector(".offline-banner")?.remove();
    clearInterval(poll);
    poll = null;
    for (const room of followers.keys()) socket.emit("follow", room);
    tellAll(); // whatever happened while we were away
  });
  socket.on("disconnect", isGone);
  socket.on("connect_error", isGone);
}

function isGone() {
  if (poll) return;
  poll = setInterval(() => {
    tellAll();
    if (!socket.active) socket.connect(); // it does not come back by itself where the server has ended or refused it
  }, POLL_MS);
  banner = setTimeout(showBanner, BANNER_MS);
}

function showBanner() {
  const text = document.createElement("div");
  text.className = "offline-banner";
  text.setAttribute("role", "status");
  text.textContent = document.documentElement.lang === "en"
    ? "The connection is lost. This page goes on trying by itself; nothing you have sent is lost."
    : "Mất kết nối. Trang đang tự thử lại; những gì đã gửi không bị mất.";
  document.body.prepend(text);
}

function tellRoom(room) {
  for (const tell of followers.get(room) ?? []) tell();
}

function tellAll() {
  for (const room of followers.keys()) tellRoom(room);
}
