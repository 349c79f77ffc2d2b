/* Starts the keeping of meeting pages for when there is no network; where nobody is signed in, nothing of anybody stays on the device. */

import { forgetOthers, person } from "./own.js";

forgetOthers();

async function forgetAll() {
  const worker = await navigator.serviceWorker.getRegistration("/meetings/");
  await worker?.unregister(); // first, for it might keep what it has just been answered
  for (const name of await caches.keys()) if (name.startsWith("khonggiay-")) await caches.delete(name);
}

if ("serviceWorker" in navigator && "caches" in window) {
  if (!person) forgetAll();
  else if (location.pathname.startsWith("/meetings/")) {
    const address = `/service-worker.js?person=${encodeURIComponent(person)}`;
    navigator.serviceWorker.register(address, { scope: "/meetings/" }).catch(() => {}); // no server: the next page tries again
  }
}
