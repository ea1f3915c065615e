/**
 * Tables that sort and filter.
 */

const BY = new Intl.Collator("zh", { numeric: true });

/** A button beside each heading, never around it: browsers leave buttons out of the headings that they repeat in print. */
function sortable(table, say) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, at) => {
    const button = document.createElement("button");
    button.type = "button";
    button.ariaLabel = say.sort(head.textContent);
    head.append(" ", button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sign = down ? -1 : 1;
      const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length > at);
      rows.sort((a, b) => sign * BY.compare(a.cells[at].textContent, b.cells[at].textContent));
      table.tBodies[0].append(...rows);
    });
  });
}

function filterable(field, table, count, say) {
  field.closest("[hidden]")?.removeAttribute("hidden");
  field.addEventListener("input", () => {
    const wanted = field.value.trim().toLowerCase();
    const rows = [...table.tBodies[0].rows];
    for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
    count.textContent = wanted ? say.rows(rows.filter((row) => !row.hidden).length) : "";
  });
}

/** Make the tables of a page sort and filter. */
export function tables(page, say) {
  for (const table of page.querySelectorAll("table[data-sort]")) sortable(table, say);
  for (const field of page.querySelectorAll("[data-filter]")) {
    const id = field.dataset.filter;
    filterable(field, page.getElementById(id), page.querySelector(`[data-count="${id}"]`), say);
  }
}
