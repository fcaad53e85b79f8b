// Photos of a page large, one after the other by arrow keys, and the pair of before and after laid over each other.
// Without this script a photo's link opens the photo.
(() => {
  "use strict";
  const han = document.documentElement.lang.startsWith("zh");
  const words = han
    ? { close: "关闭", previous: "上一张", next: "下一张", compare: "叠放对比", slide: "移动分界线：左为处置前，右为处置后", view: "照片" }
    : { close: "Close", previous: "Previous", next: "Next", compare: "Lay over each other", slide: "Move the line: before on its left, after on its right", view: "Photo" };
  const links = () => [...document.querySelectorAll("a[data-photo]")];
  if (!links().length || !window.HTMLDialogElement) return;

  const dialog = document.createElement("dialog");
  dialog.className = "viewer";
  dialog.setAttribute("aria-label", words.view);
  document.body.append(dialog);
  let from = null;
  let at = 0;

  function button(said, press) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = said;
    made.addEventListener("click", press);
    return made;
  }
  function picture(link) {
    const image = document.createElement("img");
    image.src = link.href;
    image.alt = link.querySelector("img").alt;
    return image;
  }
  const said = (link) => link.closest("figure")?.querySelector("figcaption")?.innerText.replace(/\s*\n\s*/g, " · ") ?? "";
  // The same photo may stand in the pair and in the timeline.
  function album() {
    const seen = new Map();
    for (const link of links()) if (!seen.has(link.href)) seen.set(link.href, link);
    return [...seen.values()];
  }
  function bar(...more) {
    const line = document.createElement("p");
    line.className = "viewer-bar";
    line.append(...more, button(words.close, () => dialog.close()));
    return line;
  }
  function show(next) {
    const all = album();
    at = (next + all.length) % all.length;
    const caption = document.createElement("span");
    caption.className = "viewer-said";
    caption.setAttribute("aria-live", "polite");
    caption.textContent = `${said(all[at])}　${at + 1} / ${all.length}`;
    const steps = all.length > 1 ? [button(words.previous, () => show(at - 1)), button(words.next, () => show(at + 1))] : [];
    dialog.dataset.mode = "one";
    dialog.replaceChildren(picture(all[at]), bar(caption, ...steps));
    dialog.lastChild.lastChild.focus();
  }
  function compare([before, after]) {
    const stage = document.createElement("div");
    stage.className = "viewer-stage";
    const [under, over] = [picture(after), picture(before)];
    const slider = document.createElement("input");
    Object.assign(slider, { type: "range", min: "0", max: "100", value: "50" });
    slider.setAttribute("aria-label", words.slide);
    const set = () => { over.style.clipPath = `inset(0 ${100 - Number(slider.value)}% 0 0)`; stage.style.setProperty("--cut", `${slider.value}%`); };
    slider.addEventListener("input", set);
    stage.addEventListener("pointerdown", (event) => { stage.setPointerCapture(event.pointerId); move(event); });
    stage.addEventListener("pointermove", (event) => { if (event.buttons) move(event); });
    function move(event) {
      const area = stage.getBoundingClientRect();
      slider.value = String(Math.round(((event.clientX - area.left) / area.width) * 100));
      set();
    }
    stage.append(under, over);
    set();
    dialog.dataset.mode = "pair";
    dialog.replaceChildren(stage, bar(slider));
    slider.focus();
  }
  function open(link, work) {
    from = link;
    if (!dialog.open) dialog.showModal();
    work();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-photo]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link, () => show(album().findIndex((one) => one.href === link.href)));
  });
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    if (dialog.dataset.mode !== "one" || !["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    show(at + (event.key === "ArrowRight" ? 1 : -1));
    event.preventDefault();
  });
  dialog.addEventListener("close", () => { dialog.replaceChildren(); from?.focus(); });
  const pair = document.querySelector("[data-pair]");
  const two = pair ? [...pair.querySelectorAll("a[data-photo]")] : [];
  if (two.length === 2) {
    const line = document.createElement("p");
    line.className = "actions no-print";
    const press = button(words.compare, () => open(press, () => compare(two)));
    line.append(press);
    pair.after(line);
  }
})();
