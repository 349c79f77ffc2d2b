/* One tick for all of a form: `[data-tick-all]` holds a box that is shown only where this runs. */

for (const label of document.querySelectorAll("[data-tick-all]")) {
  const all = label.querySelector("input");
  const ticks = [...label.closest("form").querySelectorAll("td input[type=checkbox]")];

  label.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
  });
  for (const tick of ticks) {
    tick.addEventListener("change", () => {
      all.checked = ticks.every((one) => one.checked);
    });
  }
}
