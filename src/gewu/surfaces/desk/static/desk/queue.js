// The queue by keyboard: j, k, Enter, x and /; the chosen case is shown beside the list where there is room.
(() => {
  "use strict";
  const rows = [...document.querySelectorAll("[data-row]")];
  const pane = document.querySelector("[data-preview]");
  const wide = matchMedia("(min-width: 1280px)");
  const han = window.gewuDesk.han;
  let on = -1;
  let asked = 0;
  const held = new Map();

  async function show(row) {
    if (!wide.matches || !pane) return;
    const url = `${row.dataset.url}/preview`;
    const mine = ++asked;
    try {
      if (!held.has(url)) {
        const answer = await fetch(url);
        if (!answer.ok) return;
        held.set(url, await answer.text());
      }
      if (mine !== asked) return;
      pane.innerHTML = held.get(url);
      pane.scrollTop = 0;
      window.gewu.tick();
    } catch { /* the row still leads to its page */ }
  }
  function choose(next, scroll = true) {
    if (!rows.length) return;
    rows[on]?.classList.remove("on");
    on = Math.max(0, Math.min(rows.length - 1, next));
    rows[on].classList.add("on");
    if (scroll) rows[on].scrollIntoView({ block: "nearest" });
    const mine = on;
    setTimeout(() => { if (mine === on) show(rows[on]); }, 120);
  }
  const boxes = () => [...document.querySelectorAll('[data-rows] input[type="checkbox"]')];
  function counted() {
    const said = document.querySelector("[data-bulk-count]");
    if (!said) return;
    said.dataset.empty ??= said.textContent;
    const bar = document.querySelector("[data-bulk-bar]");
    const n = boxes().filter((box) => box.checked).length;
    bar.classList.toggle("idle", n === 0);
    said.textContent = n === 0 ? said.dataset.empty : han ? `已选\u2009${n}\u2009件` : n === 1 ? "1 case chosen" : `${n} cases chosen`;
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (window.gewuDesk.typing(event.target) && event.target.type !== "checkbox") {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "j") choose(on + 1);
    else if (event.key === "k") choose(on - 1);
    else if (event.key === "Enter" && on >= 0 && (event.target === document.body || event.target.id === "main")) location.assign(rows[on].dataset.url);
    else if (event.key === "x" && on >= 0) { const box = rows[on].querySelector('input[type="checkbox"]'); if (box) { box.checked = !box.checked; counted(); } }
    else if (event.key === "/") document.querySelector("[data-search]")?.focus();
    else return;
    event.preventDefault();
  });
  document.addEventListener("change", counted);
  // A click beside the number chooses the row where the case is shown beside it; anywhere else it opens the page.
  for (const [i, row] of rows.entries()) {
    row.querySelector(".row-in").addEventListener("click", (event) => {
      if (!wide.matches || event.ctrlKey || event.metaKey || event.detail === 0 || i === on) return;
      event.preventDefault();
      choose(i, false);
    });
    row.querySelector(".row-in").addEventListener("focus", () => { if (i !== on) choose(i, false); });
  }
  if (rows.length && matchMedia("(min-width: 880px)").matches) choose(0, false);
  counted();
})();
