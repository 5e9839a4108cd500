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

  // people whom no list shows: a line each, packed, and unpacked when somebody first searches
  const others = document.getElementById("others");
  const most = 50;
  let people = null;
  const linesOf = async (packed) => {
    const bytes = Uint8Array.from(atob(packed.textContent), (sign) => sign.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return (await new Response(stream).text()).split("\n");
  };
  const unpacked = async () => {
    const lines = await linesOf(document.getElementById("everybody"));
    return lines.map((line) => [line, fold(line.split("\t", 7).join("\t"))]);
  };

  // what "provision explain" says of people: a button beside each name opens it
  const dialog = document.getElementById("history");
  const asksFor = (row, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "ask";
    button.dataset.place = place;
    button.setAttribute("aria-label", `History of ${row.cells[0].querySelector(".who").textContent}`);
    row.cells[0].append(button);
  };
  let histories = null;
  const show = async (place) => {
    if (!histories) {
      const lines = await linesOf(document.getElementById("histories"));
      histories = new Map(lines.map((line) => [line.split("\t", 1)[0], line.split("\t").slice(1)]));
    }
    const [who, ...paragraphs] = histories.get(place).map((text) => [text[0], text.slice(1)]);
    dialog.querySelector("h2").textContent = who[1];
    dialog.querySelector("footer code").textContent = `provision explain JOB ${/[^\w@.+-]/.test(who[1]) ? `'${who[1]}'` : who[1]}`;
    const made = paragraphs.filter(([, text]) => text).map(([indent, text]) => {
      const paragraph = document.createElement(indent === "0" ? "h3" : "p");
      paragraph.className = `in${indent}`;
      paragraph.textContent = text;
      return paragraph;
    });
    dialog.querySelector(".history").replaceChildren(...made);
    dialog.showModal();
    dialog.querySelector(".history").scrollTop = 0;
  };
  if (dialog) {
    for (const row of document.querySelectorAll("tr[data-place]")) asksFor(row, row.dataset.place);
    document.addEventListener("click", ({ target }) => {
      const button = target.closest("button.ask");
      if (button) show(button.dataset.place);
      else if (target === dialog || target.closest("dialog .close")) dialog.close();
    });
  }
  const cell = (row, name, role, parts) => {
    const made = document.createElement(name);
    made.setAttribute("role", role);
    for (const [tag, kind, text] of parts) {
      if (!text) continue;
      const part = document.createElement(tag);
      part.className = kind;
      part.textContent = text;
      made.append(part);
    }
    row.append(made);
    return made;
  };
  const shownAs = (line) => {
    const [name, login, external, box, place, decided, ended, , , known] = line.split("\t");
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    const keys = [name, login, external].filter(Boolean);
    cell(row, "th", "rowheader", (keys.length ? keys : ["(no name)"]).map((key, at) => ["bdi", at ? "key" : "who", key])).scope = "row";
    cell(row, "td", "cell", [["span", "", place && `Row ${place}`], ["span", "id", box && `ID ${box}`]]).className = "where";
    cell(row, "td", "cell", [["span", "", [decided, ended].filter(Boolean).join(": ")]]).dataset.label = "Decided";
    if (known) asksFor(row, known);
    return row;
  };
  // the lists that one chooses from, and where in a packed line the answer stands
  const choices = [["kind", 5], ["outcome", 6], ["field", 7], ["part", 8]]
    .map(([name, place]) => ({ name, place, list: document.getElementById(name) }))
    .filter((choice) => choice.list);
  const isOne = (text, wanted) => (text || "").split(" ").includes(wanted);
  const fits = ({ name, value }, text) => (name === "field" ? isOne(text, value) : text === value);
  const beside = async (words, chosen) => {
    if (!others) return 0;
    const asked = words.length || chosen.length;
    if (asked && !people) people = await unpacked();
    const hit = ([line, folded]) => {
      if (!words.every((word) => folded.includes(word))) return false;
      if (!chosen.length) return true;
      const cells = line.split("\t");
      return chosen.every((choice) => fits(choice, cells[choice.place]));
    };
    const hits = asked ? people.filter(hit) : [];
    others.querySelector("tbody").replaceChildren(...hits.slice(0, most).map(([line]) => shownAs(line)));
    const more = others.querySelector(".more");
    more.textContent = `The first ${most} of ${hits.length.toLocaleString("en")} are shown here: search for more of a name.`;
    more.hidden = hits.length <= most;
    others.hidden = hits.length === 0;
    return hits.length;
  };

  if (finder && (sections.length || others)) {
    const search = finder.querySelector("input");
    const told = finder.querySelector("output");
    let turn = 0;
    const apply = async () => {
      const mine = ++turn;
      const words = fold(search.value).split(/\s+/).filter(Boolean);
      const chosen = choices.filter((choice) => choice.list.value).map((choice) => ({ ...choice, value: choice.list.value }));
      const asked = words.length > 0 || chosen.length > 0;
      for (const part of document.querySelectorAll("[data-aside]")) part.hidden = asked;
      let shown = 0;
      let all = 0;
      for (const { element, rows } of sections) {
        let here = 0;
        for (const row of rows) {
          const hit = chosen.every((choice) => fits(choice, row.dataset[choice.name])) && words.every((word) => textOf(row).includes(word));
          row.hidden = !hit;
          if (hit) here += 1;
        }
        element.hidden = here === 0;
        shown += here;
        all += rows.length;
      }
      const further = await beside(words, chosen);
      if (mine !== turn) return; // somebody has typed on meanwhile
      const lines = `${shown.toLocaleString("en")} of ${all.toLocaleString("en")} lines`;
      const people = further ? `, and ${further.toLocaleString("en")} ${further === 1 ? "person" : "people"} beside them` : "";
      told.value = asked ? lines + people : "";
      history.replaceState(null, "", asked ? `#?${new URLSearchParams(inWords(chosen))}` : "#");
    };
    // what is asked stands behind the address of the page, so that a link shows the same; nobody is sent it
    const shownWord = (list) => list.selectedOptions[0].textContent;
    const inWords = (chosen) => [...(search.value ? [["find", search.value]] : []), ...chosen.map(({ name, list }) => [name, shownWord(list)])];
    const fromLink = () => {
      if (!location.hash.startsWith("#?")) return;
      const wanted = new URLSearchParams(location.hash.slice(2));
      search.value = wanted.get("find") || "";
      for (const { name, list } of choices) {
        const option = [...list.options].find((one) => one.textContent === wanted.get(name));
        list.value = option ? option.value : "";
      }
      apply();
    };
    addEventListener("hashchange", fromLink);
    let timer = 0;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(apply, 120);
    });
    for (const { list } of choices) list.addEventListener("change", apply);
    finder.hidden = false;
    fromLink();
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
