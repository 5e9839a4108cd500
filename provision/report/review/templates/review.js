"use strict";
(() => {
  const form = document.querySelector("form");
  if (!form) return;
  const boxes = [...form.querySelectorAll("input[name=mark]")];
  const chosen = [...form.querySelectorAll(".chosen button")];
  const words = chosen.map((button) => button.textContent);
  const count = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    chosen.forEach((button, at) => {
      button.disabled = ticked === 0;
      button.textContent = ticked ? `${words[at]} (${ticked.toLocaleString("en")})` : words[at];
    });
  };
  form.addEventListener("change", (event) => {
    if (event.target.name === "mark") count();
  });

  for (const element of form.querySelectorAll("[data-lines]")) {
    const head = element.querySelector("thead th");
    const all = document.createElement("input");
    all.type = "checkbox";
    all.setAttribute("aria-label", `Choose all shown: ${element.querySelector("h3").textContent}`);
    all.addEventListener("change", () => {
      for (const box of element.querySelectorAll("input[name=mark]")) box.checked = all.checked;
      count();
    });
    head.replaceChildren(all);
    head.classList.add("tick");
  }
  count();

  // each click brings the page anew: where one was is kept, unless other lines are shown
  const place = `review ${location.pathname}`;
  try {
    const at = Number(sessionStorage.getItem(place) || 0);
    sessionStorage.removeItem(place);
    if (at) addEventListener("load", () => scrollTo({ top: at, behavior: "instant" }));
    form.addEventListener("submit", (event) => {
      if (event.submitter && event.submitter.value !== "find") sessionStorage.setItem(place, scrollY);
    });
  } catch {
    // a browser that keeps nothing begins at the top
  }
})();
