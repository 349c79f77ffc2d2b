/* The list of attendance: one tick for all that are shown. Return in the field of the reason notes the absence, not a presence. */

const all = document.querySelector("[data-pick-all]");
const ticks = [...document.querySelectorAll('input[name="participant"]')];

all?.addEventListener("change", () => {
  for (const tick of ticks) tick.checked = all.checked;
});

document.getElementById("reason")?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  event.target.form.requestSubmit(event.target.form.querySelector('button[value="absent"]'));
});
