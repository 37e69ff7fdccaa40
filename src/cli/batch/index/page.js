"use strict";
// Shows only the rows that hold every word that is searched for. Nothing else of the page needs a script.
{
  const find = document.getElementById("find"), hits = document.getElementById("hits");
  const rows = [...document.querySelectorAll(".row")].map(row => [row, null]);
  const sections = [...document.querySelectorAll("main > section")];
  const parts = [...document.querySelectorAll("#look .scroll, #look ul")];
  const text = entry => entry[1] ??= entry[0].textContent.toLowerCase();

  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(word => word);
    let shown = 0;
    for (const entry of rows) {
      const hit = words.every(word => text(entry).includes(word));
      entry[0].hidden = !hit;
      shown += hit;
    }
    const empty = part => !part.querySelector(".row:not([hidden])");
    for (const part of parts) part.hidden = part.previousElementSibling.hidden = words.length > 0 && empty(part);
    for (const section of sections) section.hidden = words.length > 0 && empty(section);
    hits.textContent = words.length ? shown === 1 ? "1 hit" : shown + " hits" : "";
  };

  let timer = 0;
  find.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 80); });
  find.addEventListener("keydown", event => {
    if (event.key === "Escape") { find.value = ""; filter(); }
  });
  document.addEventListener("keydown", event => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target === find) return;
    event.preventDefault();
    find.focus();
    find.select();
  });
  document.getElementById("search").hidden = false;
  // A browser that comes back to the page gives the field its old text.
  if (find.value) filter();
}
