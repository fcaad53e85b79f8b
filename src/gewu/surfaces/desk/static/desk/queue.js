// The queue by keyboard; the chosen case beside the list where there is room; what changes meanwhile, told in a bar.
(() => {
  "use strict";
  let rows = [];
  const pane = document.querySelector("[data-preview]");
  const wide = matchMedia("(min-width: 1280px)");
  const han = window.gewuDesk.han;
  let on = -1;
  let asked = 0;
  const held = new Map();
  const GO = { t: "turn", y: "decide", m: "mine", l: "overdue", n: "soon", o: "open", d: "done" };
  let going = 0;

  async function show(row) {
    if (!wide.matches || !pane) return;
    const url = `${row.dataset.url}/preview`;
    const mine = ++asked;
    if (!held.has(url)) {
      const found = await window.gewu.part(url);
      if (found === null) return; // the row still leads to its page
      held.set(url, found);
    }
    if (mine !== asked) return;
    pane.innerHTML = held.get(url);
    pane.scrollTop = 0;
    window.gewu.tick();
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
    else if (event.key === ".") renew();
    else if (event.key === "?") location.assign("/desk/keys");
    else if (event.key === "g") { going = Date.now(); return; }
    else if (Date.now() - going < 1500 && GO[event.key]) {
      const link = document.querySelector(`[data-queue="${GO[event.key]}"]`);
      if (!link) return;
      location.assign(link.href);
    }
    else {
      // The keys on the moves of the case beside the list open its page with that form.
      const move = event.key.length === 1 && pane?.querySelector(`.preview-moves [data-key="${CSS.escape(event.key)}"]`);
      if (!move) return;
      location.assign(move.href);
    }
    event.preventDefault();
  });
  document.addEventListener("change", counted);
  // A click beside the number chooses the row where the case is shown beside it; anywhere else it opens the page.
  function take() {
    rows = [...document.querySelectorAll("[data-row]")];
    for (const [i, row] of rows.entries()) {
      row.querySelector(".row-in").addEventListener("click", (event) => {
        if (!wide.matches || event.ctrlKey || event.metaKey || event.detail === 0 || i === on) return;
        event.preventDefault();
        choose(i, false);
      });
      row.querySelector(".row-in").addEventListener("focus", () => { if (i !== on) choose(i, false); });
    }
  }

  // ---- what changes meanwhile: a bar tells of it, "Show" brings it, and nothing moves by itself
  const live = document.querySelector("section[data-live]");
  const bar = document.querySelector("[data-live-bar]");
  let tag = "";
  let pause = 10000;
  let round = 0;
  function tell(now) {
    const shown = new Map(rows.map((row) => [row.dataset.id, Number(row.dataset.version)]));
    const here = Object.entries(now);
    const came = here.filter(([id, version]) => shown.get(id) !== version).length;
    const gone = [...shown.keys()].filter((id) => !(id in now)).length;
    bar.hidden = came + gone === 0;
    const parts = [];
    if (came) parts.push(han ? `${came}\u2009件新到或有变化` : came === 1 ? "1 case new or changed" : `${came} cases new or changed`);
    if (gone) parts.push(han ? `${gone}\u2009件已不在此列` : gone === 1 ? "1 case is not here any more" : `${gone} cases are not here any more`);
    const text = parts.join(han ? "，" : ", ");
    const said = bar.querySelector("[data-live-said]");
    if (said.textContent !== text) said.textContent = text;
  }
  function count(numbers, unread) {
    for (const place of document.querySelectorAll("[data-number-of]")) {
      const number = numbers[place.dataset.numberOf];
      if (number !== undefined && place.textContent !== number) place.textContent = number;
    }
    const count = document.querySelector(".top-nav .count");
    if (count && unread !== "0" && count.firstChild.textContent !== unread) count.firstChild.textContent = unread;
  }
  async function look() {
    if (!document.hidden) {
      const numbers = ++round % 3 === 0;
      try {
        const headers = { Accept: "application/json" };
        if (tag && !numbers) headers["If-None-Match"] = tag;
        const answer = await fetch(live.dataset.live + (numbers ? "&numbers=1" : ""), { headers, cache: "no-store" });
        if (answer.redirected) return; // logged out: the next press says so
        pause = answer.ok || answer.status === 304 ? 10000 : 60000;
        if (answer.status === 200) {
          const now = await answer.json();
          if (!numbers) tag = answer.headers.get("ETag") || "";
          tell(now.rows);
          if (now.numbers) count(now.numbers, now.unread);
        }
      } catch { pause = Math.min(pause * 2, 120000); /* the server is away: what is shown stays */ }
    }
    setTimeout(look, pause);
  }
  async function renew() {
    const place = document.querySelector("[data-live-list]");
    let ticked, chosen, top;
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (!answer.ok || answer.redirected) { location.reload(); return; }
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const list = fresh.querySelector("[data-live-list]");
      if (!list) { location.reload(); return; }
      // Asked when the answer is here: somebody may have ticked and moved meanwhile.
      ticked = new Set(boxes().filter((box) => box.checked).map((box) => box.value));
      chosen = rows[on]?.dataset.number;
      top = scrollY;
      place.replaceChildren(...list.childNodes);
      for (const count of fresh.querySelectorAll("[data-number-of]")) {
        const old = document.querySelector(`[data-number-of="${CSS.escape(count.dataset.numberOf)}"]`);
        if (old) old.textContent = count.textContent;
      }
    } catch { return; /* the bar stays and can be pressed again */ }
    held.clear();
    tag = "";
    bar.hidden = true;
    on = -1;
    take();
    for (const box of boxes()) box.checked = ticked.has(box.value);
    const at = rows.findIndex((row) => row.dataset.number === chosen);
    if (rows.length && matchMedia("(min-width: 880px)").matches) choose(Math.max(at, 0), false);
    counted();
    scrollTo(0, top);
    window.gewu.tick();
  }
  take();
  if (live && bar) {
    bar.querySelector("[data-live-show]").addEventListener("click", renew);
    setTimeout(look, pause);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) pause = 10000; });
  }
  if (rows.length && matchMedia("(min-width: 880px)").matches) choose(0, false);
  counted();
})();
