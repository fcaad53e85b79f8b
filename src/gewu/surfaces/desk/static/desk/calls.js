// Intake while somebody calls: who it is, what the words speak of, chat text and photos that are pasted, the draft.
// Personal words go by POST and never into an address; the tab keeps them sealed by the server only (ADR 0034).
(() => {
  "use strict";
  const DRAFT = "gewu-intake";
  if (document.querySelector("[data-intake-done]")) { sessionStorage.removeItem(DRAFT); return; }
  const form = document.querySelector("form[data-caller-url]");
  if (!form) return;
  const han = window.gewuDesk.han;
  const words = han
    ? { found: "从粘贴内容中识别", all: "全部填入", undo: "撤销", use: "填入", done: "已填入", busy: "已有内容，未改动", replace: "改用", restored: "已恢复草稿，录入于\u2009", empty: "清空重填", back: "恢复草稿", throw: "丢弃", waiting: "本标签页有未登记的草稿，录入于\u2009", calling: "来电号码", take: "填入来电号码", lost: "服务器没有收到草稿：可能已断网或登录过期。可另开标签页重新登录，本页内容不会丢失。" }
    : { found: "Found in what was pasted", all: "Take all over", undo: "Undo", use: "Use", done: "taken over", busy: "filled already, left as it is", replace: "Replace", restored: "Your draft is back, typed ", empty: "Begin empty", back: "Bring it back", throw: "Throw it away", waiting: "This tab has a draft that was not registered, typed ", calling: "Calling now:", take: "Take the number over", lost: "The server did not take the draft: the connection or your session may have ended. Log in again in another tab; this page keeps its words." };
  const field = (name) => form.querySelector(`[name="${name}"]`);
  const text = (name) => field(name)?.value.trim() ?? "";

  function element(tag, said, more = {}) {
    const made = document.createElement(tag);
    if (said) made.textContent = said;
    for (const [name, value] of Object.entries(more)) made.setAttribute(name, value);
    return made;
  }
  function button(said, press) {
    const made = element("button", said, { type: "button" });
    made.addEventListener("click", press);
    return made;
  }
  async function ask(url, fields, again = true) {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    body.set("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
    const answer = await fetch(url, { method: "POST", body, redirect: "error" }).catch(() => null);
    if (answer?.ok) return answer;
    return again && answer?.status === 403 && await renew() ? ask(url, fields, false) : null;
  }
  // Whoever logged in again in another tab has another token: this page takes it over and goes on.
  async function renew() {
    const answer = await fetch(location.pathname, { redirect: "error" }).catch(() => null);
    if (!answer?.ok) return false;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector('.intake-form [name="csrfmiddlewaretoken"]')?.value;
    if (!fresh) return false;
    for (const input of document.querySelectorAll('[name="csrfmiddlewaretoken"]')) input.value = fresh;
    return true;
  }
  function put(name, value) {
    const radio = form.querySelector(`[name="${name}"][type="radio"][value="${CSS.escape(value)}"]`);
    if (radio) radio.checked = true;
    else if (field(name)?.type === "checkbox") field(name).checked = value === "1";
    else if (field(name)) field(name).value = value;
    const input = radio ?? field(name);
    input?.dispatchEvent(new Event("change", { bubbles: true }));
    input?.dispatchEvent(new Event("input", { bubbles: true }));
  }
  const held = (name) => form.querySelector(`[name="${name}"]:checked`)?.value ?? (field(name)?.type === "radio" ? "" : text(name));

  // ---- who calls: asked again only when the number changed
  const callerBox = form.querySelector("[data-caller]");
  let number = "";
  let calls = 0;
  async function recognise() {
    const digits = text("reporter_phone").normalize("NFKC").replace(/[^0-9]/g, "");
    if (digits === number) return;
    number = digits;
    const mine = ++calls;
    if (digits.length < 7) { callerBox.replaceChildren(); return; }
    const answer = await ask(form.dataset.callerUrl, { tel: text("reporter_phone") });
    if (answer && mine === calls) callerBox.innerHTML = await answer.text();
  }

  // ---- what the words speak of: nothing is chosen until a key or a button is pressed
  const hintBox = form.querySelector("[data-hints]");
  let heard = "";
  let hints = 0;
  async function listen() {
    const said = `${text("description")}\n${text("address")}`;
    if (said === heard) return;
    heard = said;
    const mine = ++hints;
    if (said.trim().length < 2) { hintBox.replaceChildren(); return; }
    const answer = await ask(form.dataset.hintsUrl, { description: text("description"), address: text("address") });
    if (answer && mine === hints) hintBox.innerHTML = await answer.text();
  }
  hintBox.addEventListener("click", (event) => {
    const hint = event.target.closest("[data-take]");
    if (!hint) return;
    put(hint.dataset.take, hint.dataset.value);
    window.gewu.soil();
  });

  // ---- text out of a chat: proposals, which never write over what somebody typed
  const found = form.querySelector("[data-recognised]");
  let pasted = "";
  let asked = "";
  let reads = 0;
  const NUMBER = /(?:\d[\s-]?){7}/;
  async function takeApart() {
    const given = text("description");
    if (given === asked) return;
    asked = given;
    const mine = ++reads;
    const answer = await ask(form.dataset.chatUrl, { text: given });
    if (mine !== reads) return;
    if (!answer) { asked = ""; return; }
    const { proposals, notes } = await answer.json();
    pasted = given;
    propose(proposals.filter((one) => one.value !== held(one.name)), notes);
  }
  const free = (one) => one.name === "source" || !held(one.name) || (one.name === "description" && text("description") === pasted);
  function propose(proposals, notes) {
    found.replaceChildren();
    if (!proposals.length && !notes.length) return;
    const box = element("section", "", { class: "proposals" });
    const head = element("p", "", { class: "proposals-head" });
    head.append(element("strong", words.found));
    const list = element("ul");
    const undone = [];
    function take(one, said) {
      undone.push([one.name, held(one.name)]);
      put(one.name, one.value);
      if (one.name === "description") asked = one.value;
      if (one.name === "reporter_phone" || one.name === "reporter_name") {
        const wants = field("has_reporter");
        if (wants && !wants.checked) { undone.push(["has_reporter", ""]); wants.checked = true; }
      }
      said.replaceChildren(words.done);
      undo.hidden = false;
    }
    const lines = proposals.map((one) => {
      const line = element("li");
      const said = element("span", "", { class: "proposal-said" });
      const use = button(free(one) ? words.use : words.replace, () => take(one, said));
      if (!free(one)) said.append(element("small", words.busy), " ");
      said.append(use);
      line.append(element("span", one.label, { class: "muted" }), element("span", one.shown ?? one.value, { class: "typed" }), said);
      list.append(line);
      return { one, said };
    });
    const all = button(words.all, () => {
      for (const { one, said } of lines) if (free(one) && said.querySelector("button")) take(one, said);
      all.hidden = true;
    });
    all.dataset.key = "0";
    all.append(" ", element("kbd", "Alt 0"));
    const undo = button(words.undo, () => {
      for (const [name, value] of undone.reverse()) put(name, value);
      propose(proposals, notes);
    });
    undo.hidden = true;
    head.append(...(proposals.length ? [" ", all, " ", undo] : []));
    box.append(head, list, ...notes.map((note) => element("p", note, { class: "hint" })));
    found.append(box);
  }

  // ---- photos that are pasted or dropped join those that were chosen
  const photos = form.querySelector("[data-paste-photos] input[type=file]");
  function add(files) {
    const images = [...files].filter((file) => file.type.startsWith("image/"));
    if (!images.length || !photos) return false;
    const all = new DataTransfer();
    for (const file of [...photos.files, ...images]) all.items.add(file);
    photos.files = all.files;
    photos.dispatchEvent(new Event("change", { bubbles: true }));
    window.gewu.soil();
    return true;
  }
  form.addEventListener("paste", (event) => {
    const plain = event.clipboardData.getData("text/plain");
    if (add(event.clipboardData.files) && !plain) { event.preventDefault(); return; }
    if (plain && event.target.name === "description") setTimeout(takeApart, 0);
  });
  const over = form.querySelector("[data-paste]");
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
      over.classList.toggle("over", name === "dragover");
      if (name !== "dragleave") event.preventDefault();
      if (name === "drop") add(event.dataTransfer.files);
    });
  }

  // ---- the draft: sealed by the server for this person, kept by this tab
  const bar = form.querySelector("[data-draft-bar]");
  let sealing = 0;
  let leaving = false;
  async function keep() {
    if (leaving) return;
    const fields = Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === "string" && value));
    const mine = ++sealing;
    const answer = await ask(form.dataset.draftUrl, fields);
    const sealed = answer && (await answer.json()).sealed;
    if (mine !== sealing) return;
    if (answer) sessionStorage.setItem(DRAFT, sealed);
    bar.classList.toggle("draft-lost", !answer);
    if (!answer) bar.replaceChildren(words.lost);
    else if (bar.textContent === words.lost) bar.replaceChildren();
  }
  document.addEventListener("visibilitychange", () => { if (!document.hidden && bar.classList.contains("draft-lost")) keep(); });
  function forget() { sealing += 1; sessionStorage.removeItem(DRAFT); }
  // The page goes on working until the next one is there: what the server still seals for it is not put down any more.
  function leave() { leaving = true; forget(); }
  window.addEventListener("gewu:logout", leave);
  window.addEventListener("pageshow", () => { leaving = false; });
  function restore(fields) {
    for (const [name, value] of Object.entries(fields)) {
      if (name === "command_id") field(name).value = value;
      else put(name, value);
    }
    const place = ["lon", "lat"].some((name) => fields[name]);
    if (place) form.querySelector("details.coordinates").open = true;
    recognise();
    listen();
  }
  async function remember(calling) {
    const sealed = sessionStorage.getItem(DRAFT);
    if (!sealed || !form.dataset.draftOpen) return;
    const answer = await ask(form.dataset.draftOpen, { sealed });
    const { fields, at } = answer ? await answer.json() : { fields: {}, at: "" };
    const said = ["description", "reporter_phone", "reporter_name", "address", "category", "place"].some((name) => fields[name]);
    if (!said) { forget(); return; }
    const away = button(calling ? words.throw : words.empty, () => { leave(); window.gewu.clean(); location.replace(location.pathname); });
    if (!calling) { restore(fields); bar.replaceChildren(`${words.restored}${at}`, " ", away); return; }
    const back = button(words.back, () => { restore(fields); bar.replaceChildren(); });
    bar.replaceChildren(`${words.waiting}${at}`, " ", back, " ", away);
  }

  // ---- a telephone system opens the page with #tel=NUMBER: the part after # is sent to no server
  function popped() {
    const given = new URLSearchParams(location.hash.slice(1)).get("tel") ?? "";
    if (!given) return "";
    history.replaceState(null, "", location.pathname);
    return given.slice(0, 24);
  }
  function answerCall(tel) {
    const fresh = !text("description") && !text("reporter_phone");
    if (fresh) {
      put("source", "phone");
      put("reporter_phone", tel);
      field("has_reporter").checked = true;
      field("description").focus();
      return;
    }
    if (text("reporter_phone") === tel) return;
    const take = button(words.take, () => { put("reporter_phone", tel); bar.replaceChildren(); });
    bar.replaceChildren(`${words.calling} ${tel}`, " ", take);
  }
  window.addEventListener("hashchange", () => { const tel = popped(); if (tel) answerCall(tel); });

  // ---- typing and keys
  const later = (work, wait) => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(work, wait); }; };
  const soon = { recognise: later(recognise, 250), listen: later(listen, 350), takeApart: later(() => { if (NUMBER.test(text("description").normalize("NFKC"))) takeApart(); }, 500), keep: later(keep, 600) };
  form.addEventListener("input", (event) => {
    const name = event.target.name;
    if (name === "reporter_phone") soon.recognise();
    if (name === "description" || name === "address") soon.listen();
    if (name === "description" && event.isTrusted) soon.takeApart();
    if ((name === "reporter_phone" || name === "reporter_name") && event.isTrusted && event.target.value) field("has_reporter").checked = true;
    if (name !== "kept" && event.target.type !== "file") soon.keep();
  });
  form.addEventListener("change", soon.keep);
  document.addEventListener("keydown", (event) => {
    const digit = /^(?:Digit|Numpad)([0-6])$/.exec(event.code)?.[1];
    if (event.altKey && !event.ctrlKey && !event.metaKey && digit) {
      const hint = form.querySelector(`[data-key="${digit}"]`);
      if (hint) { hint.click(); event.preventDefault(); }
      return;
    }
    // Enter goes on as Tab does: it must not register half a form.
    const input = event.target;
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.defaultPrevented || event.isComposing) return;
    if (!form.contains(input) || !input.matches("input:not([type=submit], [type=file]), select")) return;
    event.preventDefault();
    const order = [...form.querySelectorAll("input:not([type=hidden], [type=file]), textarea, select, .intake-foot .primary")].filter((one) => one.offsetParent !== null && (one.type !== "radio" || one.checked || one === input));
    order[order.indexOf(input) + 1]?.focus();
  });

  const tel = popped();
  remember(tel).then(() => {
    if (tel) answerCall(tel);
    recognise();
    listen();
  });
})();
