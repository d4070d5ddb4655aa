"use strict";
for (const button of document.querySelectorAll("th > button")) {
  button.addEventListener("click", () => {
    const header = button.parentElement;
    const table = header.closest("table");
    const column = header.cellIndex;
    const ascending = header.getAttribute("aria-sort") !== "ascending";
    const key = (row) => {
      const text = row.cells[column].textContent.trim();
      const number = parseFloat(text.replace(/[,\u2264\s]/g, "").replace("\u2212", "-"));
      return [Number.isNaN(number) ? -Infinity : number, text];
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => {
      const [x, y] = [key(a), key(b)];
      const order = x[0] === y[0] ? x[1].localeCompare(y[1]) : x[0] - y[0];
      return ascending ? order : -order;
    });
    for (const other of header.parentElement.cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    table.tBodies[0].append(...rows);
  });
}
