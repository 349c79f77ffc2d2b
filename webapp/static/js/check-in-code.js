/* The QR code on the big screen is fetched anew before its code changes: data-renew-s says how often. */

const loaded = new WeakMap();

setInterval(() => {
  for (const image of document.querySelectorAll("img[data-renew-s]")) {
    if (!loaded.has(image)) loaded.set(image, Date.now());
    if (Date.now() - loaded.get(image) < Number(image.dataset.renewS) * 1000) continue;
    loaded.set(image, Date.now());
    image.src = `${image.src.split("?")[0]}?at=${Date.now()}`;
  }
}, 1000);
