// What every page can do: clocks that run, a copy button, a warning before typed words are lost, one submit per press.
(() => {
  "use strict";
  const han = document.documentElement.lang.startsWith("zh");
  const gap = han ? "\u2009" : "\u00a0";
  const words = han
    ? { minute: "分钟", short: "分", hour: "小时", day: "天", less: `不到${gap}1${gap}分钟`, copied: "已复制", leave: "内容尚未提交。", files: (n, names) => `已选${gap}${n}${gap}个：${names.join("、")}` }
    : { minute: "min", short: "min", hour: "h", day: "d", less: `under${gap}1${gap}min`, copied: "Copied", leave: "What you typed is not sent yet.", files: (n, names) => `${n} chosen: ${names.join(", ")}` };

  // The same thresholds as dates.py.
  function span(seconds) {
    const part = (n, unit) => `${n}${gap}${unit}`;
    if (seconds < 60) return words.less;
    if (seconds < 3600) return part(Math.floor(seconds / 60), words.minute);
    if (seconds < 86400) {
      const rest = Math.floor((seconds % 3600) / 60);
      return part(Math.floor(seconds / 3600), words.hour) + (rest ? gap + part(rest, words.short) : "");
    }
    const days = Math.floor(seconds / 86400);
    const hours = Math.floor((seconds % 86400) / 3600);
    return part(days, words.day) + (hours && days < 10 ? gap + part(hours, words.hour) : "");
  }

  function left(seconds) {
    const text = span(Math.abs(seconds));
    if (!han) return seconds >= 0 ? `${text} left` : `${text} over`;
    const space = /^\d/.test(text) ? gap : "";
    return (seconds >= 0 ? "剩" : "超时") + space + text;
  }

  function tick() {
    const now = Math.floor(Date.now() / 1000);
    for (const clock of document.querySelectorAll("time.clock[data-due]")) {
      const due = Number(clock.dataset.due);
      const amber = clock.dataset.amber ? Number(clock.dataset.amber) : Infinity;
      const state = now > due ? "late" : now >= amber ? "soon" : "time";
      clock.className = clock.className.replace(/clock-\w+/, `clock-${state}`);
      const text = clock.querySelector("span");
      const said = left(due - now);
      if (text && text.textContent !== said) text.textContent = said;
    }
  }
  tick();
  setInterval(tick, 15000);

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (button) {
      const text = button.dataset.copy;
      try {
        await navigator.clipboard.writeText(text);
      } catch {
        const area = document.createElement("textarea");
        area.value = text;
        document.body.append(area);
        area.select();
        document.execCommand("copy");
        area.remove();
      }
      const before = button.textContent;
      button.textContent = words.copied;
      setTimeout(() => { button.textContent = before; }, 1600);
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  // One submit per press; the hidden command id makes a second one harmless anyway.
  let dirty = false;
  let sending = false;
  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (form && form.hasAttribute("data-keep")) dirty = true;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) { event.preventDefault(); return; }
    if (form.method === "post") {
      form.dataset.sent = "1";
      sending = true;
      setTimeout(() => { delete form.dataset.sent; sending = false; }, 8000);
    }
  });
  window.addEventListener("pageshow", () => { for (const form of document.forms) delete form.dataset.sent; sending = false; });
  window.addEventListener("beforeunload", (event) => {
    if (dirty && !sending) { event.preventDefault(); event.returnValue = words.leave; }
  });

  // A browser labels a file input in its own language, not in the page's. With this script the input lies unseen over a
  // line of the page's own words, which names what is chosen; it takes the press, the keys and what is dropped as before.
  document.documentElement.classList.add("scripted");
  const unchosen = new WeakMap();
  function names(input) {
    const line = input.parentElement.querySelector("[data-file-names]");
    if (!line) return;
    if (!unchosen.has(line)) unchosen.set(line, [...line.childNodes]);
    const chosen = [...input.files].map((file) => file.name);
    line.replaceChildren(...(chosen.length ? [chosen.length > 1 ? words.files(chosen.length, chosen) : chosen[0]] : unchosen.get(line)));
  }
  const fileInputs = (root) => root.querySelectorAll(".file > input[type=file]");
  // After those who leave out what cannot be taken.
  document.addEventListener("change", (event) => { if (event.target.matches(".file > input[type=file]")) setTimeout(() => names(event.target), 0); });
  document.addEventListener("reset", (event) => setTimeout(() => fileInputs(event.target).forEach(names), 0));
  window.addEventListener("pageshow", () => fileInputs(document).forEach((input) => { if (input.files.length) names(input); }));

  // The menu is one line that moves sideways where it is longer than the screen: the present page stands in it.
  const here = document.querySelector(".top-nav [aria-current]");
  const menu = here?.parentElement;
  if (menu && menu.scrollWidth > menu.clientWidth) {
    menu.scrollLeft = here.offsetLeft - (menu.clientWidth - here.offsetWidth) / 2;
  }

  document.querySelector("[data-focus]")?.focus();
  // A part of a page from the server; null where it cannot be had. Where the session has ended it is null too: an address
  // of the desk leads to the login then, which is a page and no part of one.
  async function part(url, how = {}) {
    try {
      const answer = await fetch(url, { ...how, redirect: "error" });
      return answer.ok ? await answer.text() : null;
    } catch { return null; }
  }
  window.gewu = { part, span, left, tick, clean: () => { dirty = false; }, soil: () => { dirty = true; } };
})();
