// What the pages of the desk share: suggestions while typing, previews of photos, menus that close.
(() => {
  "use strict";
  const han = document.documentElement.lang.startsWith("zh");
  const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
  window.gewuDesk = { typing };

  // ---- one of several that is chosen stands ticked above the input, which is free for the next
  function tick(input, code, said) {
    const options = input.closest("fieldset").querySelector(".options");
    let box = [...options.querySelectorAll("input")].find((one) => one.value === code);
    if (!box) {
      const label = document.createElement("label");
      label.className = "tick";
      box = document.createElement("input");
      Object.assign(box, { type: "checkbox", name: input.dataset.several, value: code });
      const text = document.createElement("span");
      text.textContent = said;
      label.append(box, text);
      options.append(label);
    }
    box.checked = true;
  }

  // ---- suggestions: the input keeps the chosen label, from which the server reads the code
  let count = 0;
  function finder(input) {
    const box = document.createElement("div");
    box.className = "finder";
    input.replaceWith(box);
    const list = document.createElement("ul");
    list.id = `found-${++count}`;
    list.setAttribute("role", "listbox");
    list.hidden = true;
    box.append(input, list);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-expanded", "false");
    let timer = 0;
    let asked = 0;
    let on = -1;

    const close = () => { list.hidden = true; on = -1; input.setAttribute("aria-expanded", "false"); input.removeAttribute("aria-activedescendant"); };
    const choose = (item) => {
      const several = input.dataset.several && item.dataset.code;
      input.value = several ? "" : item.dataset.label;
      if (several) tick(input, item.dataset.code, item.dataset.label);
      close();
      input.dispatchEvent(new Event("change", { bubbles: true }));
      input.dispatchEvent(new Event("input", { bubbles: true }));
      clearTimeout(timer);
    };
    const light = (next) => {
      const items = list.children;
      if (!items.length) return;
      on = (next + items.length) % items.length;
      [...items].forEach((item, i) => item.setAttribute("aria-selected", String(i === on)));
      items[on].scrollIntoView({ block: "nearest" });
      input.setAttribute("aria-activedescendant", items[on].id);
    };
    async function ask() {
      const text = input.value.trim();
      const mine = ++asked;
      if (!text) { close(); return; }
      let found = [];
      try {
        const answer = await fetch(`/desk/find/${input.dataset.find}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } });
        if (answer.ok) found = (await answer.json()).found;
      } catch { /* without the server the typed text still counts */ }
      if (mine !== asked || document.activeElement !== input) return;
      list.replaceChildren(...found.map((one, i) => {
        const item = document.createElement("li");
        item.id = `${list.id}-${i}`;
        item.setAttribute("role", "option");
        item.setAttribute("aria-selected", "false");
        item.dataset.label = one.label;
        if (one.code) item.dataset.code = one.code;
        item.append(one.label);
        if (one.hint) { const hint = document.createElement("small"); hint.textContent = one.hint; item.append(hint); }
        return item;
      }));
      on = -1;
      list.hidden = found.length === 0;
      input.setAttribute("aria-expanded", String(found.length > 0));
    }
    input.addEventListener("input", (event) => { if (event.isTrusted) { clearTimeout(timer); timer = setTimeout(ask, 140); } });
    input.addEventListener("keydown", (event) => {
      if (list.hidden) return;
      if (event.key === "ArrowDown") { light(on + 1); event.preventDefault(); }
      else if (event.key === "ArrowUp") { light(on - 1); event.preventDefault(); }
      else if (event.key === "Enter" && (on >= 0 || input.form?.hasAttribute("data-caller-url"))) { choose(list.children[Math.max(on, 0)]); event.preventDefault(); }
      else if (event.key === "Escape") { close(); event.stopPropagation(); }
    });
    list.addEventListener("mousedown", (event) => { const item = event.target.closest("li"); if (item) { event.preventDefault(); choose(item); } });
    input.addEventListener("blur", () => setTimeout(close, 100));
  }
  for (const input of document.querySelectorAll("input[data-find]")) finder(input);

  // ---- a category that changes brings its standards: those of the one that was chosen last
  let standards = 0;
  document.addEventListener("change", async (event) => {
    const input = event.target.closest('input[data-find="categories"]');
    const holder = input?.form?.querySelector("[data-standards]");
    if (!holder) return;
    const picked = holder.querySelector("input:checked");
    const query = new URLSearchParams({ category: input.value, prefix: holder.dataset.standards, value: picked ? picked.value : "" });
    const mine = ++standards;
    const found = await window.gewu.part(`/desk/find/standards?${query}`);
    if (found !== null && mine === standards) holder.innerHTML = found;
  });

  // ---- chosen photos are shown before they are sent; what cannot be taken is said at once, each can be removed
  const PHOTOS = ["image/jpeg", "image/png", "image/webp", "application/pdf"];
  const told = han
    ? { remove: "移除", kind: (name) => `${name}：不是可以接收的照片格式（JPEG、PNG、WebP）`, size: (name, most) => `${name}：超过\u2009${most}\u2009MB，未加入`, most: (n) => `一次最多\u2009${n}\u2009张，其余未加入` }
    : { remove: "Remove", kind: (name) => `${name}: not a photo that can be taken (JPEG, PNG, WebP)`, size: (name, most) => `${name}: larger than ${most} MB, left out`, most: (n) => `At most ${n} at once; the others are left out` };
  function chosen(input, files) {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    input.files = all.files;
  }
  document.addEventListener("change", (event) => {
    const input = event.target.closest("input[data-photos]");
    const list = input?.closest(".field")?.querySelector("[data-thumbs]");
    if (!list) return;
    const holder = input.closest("[data-most]");
    const bytes = Number(holder?.dataset.bytes ?? 15 * 1024 * 1024);
    const kept = input.form.querySelectorAll('input[name="kept"]:checked').length;
    const most = Math.max(0, Number(holder?.dataset.most ?? 12) - kept);
    const faults = [];
    let fit = [...input.files].filter((file) => {
      if (!PHOTOS.includes(file.type)) faults.push(told.kind(file.name));
      else if (file.size > bytes) faults.push(told.size(file.name, Math.floor(bytes / 1048576)));
      else return true;
      return false;
    });
    if (fit.length > most) { faults.push(told.most(most + kept)); fit = fit.slice(0, most); }
    if (fit.length !== input.files.length) chosen(input, fit);
    const said = input.closest(".field").querySelector("[data-photo-said]");
    if (said) { said.textContent = faults.join(han ? "；" : "; "); said.classList.toggle("error", faults.length > 0); }
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...fit.filter((file) => file.type.startsWith("image/")).map((file) => {
      const item = document.createElement("li");
      const figure = document.createElement("figure");
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = file.name;
      const caption = document.createElement("figcaption");
      const remove = document.createElement("button");
      remove.type = "button";
      remove.className = "quiet";
      remove.textContent = told.remove;
      remove.setAttribute("aria-label", `${told.remove} ${file.name}`);
      remove.addEventListener("click", () => {
        chosen(input, [...input.files].filter((one) => one !== file));
        input.dispatchEvent(new Event("change", { bubbles: true }));
        input.focus();
      });
      caption.append(`${(file.size / 1048576).toFixed(1)} MB `, remove);
      figure.append(image, caption);
      item.append(figure);
      return item;
    }));
  });

  document.addEventListener("click", (event) => {
    for (const menu of document.querySelectorAll("details.who[open]")) if (!menu.contains(event.target)) menu.open = false;
    const close = event.target.closest("[data-close]");
    if (close) { const move = close.closest("details"); move.open = false; move.querySelector("summary").focus(); }
  });

  // Whoever logs out leaves nothing in the tab.
  document.addEventListener("submit", (event) => {
    if (!event.target.getAttribute("action")?.endsWith("/desk/logout")) return;
    sessionStorage.clear();
    window.dispatchEvent(new Event("gewu:logout"));
  });

  // On a phone the list of queues begins folded.
  const fold = document.querySelector(".rail-fold");
  if (fold) {
    const narrow = matchMedia("(max-width: 879px)");
    const set = () => { fold.open = !narrow.matches; };
    set();
    narrow.addEventListener("change", set);
  }
  window.gewuDesk.han = han;
})();
