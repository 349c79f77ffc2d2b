// A field that narrows a list of boxes to the names that contain what is typed, with or without accents. Boxes that are ticked stay.

const plain = (text) => text.normalize("NFD").replace(/\p{Mn}/gu, "").replace(/đ/gi, "d").toLowerCase();

for (const input of document.querySelectorAll("input[data-narrows]")) {
  const rows = [...document.getElementById(input.dataset.narrows).children];
  const said = input.parentElement.querySelector("[role=status]");
  const narrow = () => {
    const wanted = plain(input.value.trim());
    for (const row of rows) row.hidden = !plain(row.textContent).includes(wanted) && !row.querySelector("input").checked;
    said.textContent = wanted ? `${rows.filter((row) => !row.hidden).length} / ${rows.length}` : "";
  };
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  input.parentElement.hidden = false;
  narrow();
}
