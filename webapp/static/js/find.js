/* The find page: the caret stands behind what was typed, and "/" leads back to the box. */

const box = () => document.querySelector("#q");

box()?.setSelectionRange(box().value.length, box().value.length);

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.target.closest("input, textarea, select")) return;
  event.preventDefault();
  box()?.focus();
});
