// A case by keyboard: the key on a button opens its form, Escape closes it, u goes back to the queue.
(() => {
  "use strict";
  function open(move) {
    move.open = true;
    move.scrollIntoView({ block: "nearest" });
    const first = move.querySelector(".error-summary, input:not([type=hidden]):not([type=file]), textarea, select, button.primary");
    first?.focus();
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") {
      const move = event.target.closest("details.move[open]") || document.querySelector("details.move[open]");
      if (move) { move.open = false; move.querySelector("summary").focus(); }
      return;
    }
    if (window.gewuDesk.typing(event.target)) return;
    if (event.key === "u") { const up = document.querySelector("[data-up]"); if (up) { location.assign(up.href); event.preventDefault(); } return; }
    const move = [...document.querySelectorAll("details.move[data-key]")].find((one) => one.dataset.key === event.key);
    if (move) { open(move); event.preventDefault(); }
  });
  for (const move of document.querySelectorAll("details.move")) {
    move.querySelector("summary").addEventListener("click", () => setTimeout(() => { if (move.open) open(move); }, 0));
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-opens]");
    const move = link && document.getElementById(link.dataset.opens);
    if (move) { event.preventDefault(); open(move); }
  });
  // What the page can do without comes after it.
  for (const part of document.querySelectorAll("[data-part]")) {
    window.gewu.part(part.dataset.part).then((found) => { if (found !== null) { part.querySelector("p").remove(); part.insertAdjacentHTML("beforeend", found); } });
  }
  // What others do meanwhile is told at the head of the page; forms and what is typed in them are left alone.
  const page = document.querySelector("[data-live]");
  const told = document.querySelector("[data-live-news]");
  let pause = 10000;
  async function look() {
    if (!document.hidden) {
      try {
        const answer = await fetch(page.dataset.live, { headers: { Accept: "text/html" } });
        if (answer.redirected) return;
        pause = answer.ok ? 10000 : 60000;
        if (answer.status === 200) {
          const text = await answer.text();
          if (told.dataset.said !== text) { told.dataset.said = text; told.innerHTML = text; }
        }
      } catch { pause = Math.min(pause * 2, 120000); /* the server is away */ }
    }
    setTimeout(look, pause);
  }
  if (page && told) {
    setTimeout(look, pause);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) pause = 10000; });
  }
  const wanted = document.querySelector("details.move[open]");
  if (wanted) open(wanted);
})();
