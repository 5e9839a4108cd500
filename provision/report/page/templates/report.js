"use strict";
(() => {
  const finder = document.querySelector(".finder");
  const sections = [...document.querySelectorAll("[data-lines]")].map((element) => ({
    element,
    rows: [...element.querySelectorAll("tbody tr")],
  }));
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const texts = new Map();
  const textOf = (row) => {
    if (!texts.has(row)) texts.set(row, fold(row.textContent));
    return texts.get(row);
  };

  if (finder && sections.length) {
    const search = finder.querySelector("input");
    const outcome = finder.querySelector("select");
    const told = finder.querySelector("output");
    const apply = () => {
      const words = fold(search.value).split(/\s+/).filter(Boolean);
      const wanted = outcome ? outcome.value : "";
      let shown = 0;
      let all = 0;
      for (const { element, rows } of sections) {
        let here = 0;
        for (const row of rows) {
          const hit = (!wanted || row.dataset.outcome === wanted) && words.every((word) => textOf(row).includes(word));
          row.hidden = !hit;
          if (hit) here += 1;
        }
        element.hidden = here === 0;
        shown += here;
        all += rows.length;
      }
      told.value = words.length || wanted ? `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} lines` : "";
    };
    let timer = 0;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(apply, 120);
    });
    if (outcome) outcome.addEventListener("change", apply);
    finder.hidden = false;
  }

  const compare = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of heads) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const key = (row) => row.cells[column].textContent.trim();
        const rows = [...body.rows].map((row) => [key(row), row]);
        rows.sort((one, two) => compare(one[0], two[0]) * (down ? -1 : 1));
        body.append(...rows.map(([, row]) => row));
      });
    });
  }

  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
