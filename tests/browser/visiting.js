// Words of a page that are not in its language: Latin words where it is Chinese, Han characters where it is English.
// What people typed, what is marked as another language, names of files, keys and codes are no words of the page.
(language) => {
  const chinese = language.startsWith("zh");
  const foreign = chinese ? /[A-Za-z][A-Za-z’'-]+/g : /[\u3400-\u9fff]+/g;
  const CODE = /https?:\/\/\S+|\w+:(?=[^\s\x00-\x7f])|gewu(?: -*[A-Za-z]+)+|[A-Za-z_{]*[\d/_{}\\][\w/.{}\\-]*|\w+\.[a-z]\w*/g; // commands, paths, numbers of things
  const FURNITURE = "h1, h2, h3, th, label, legend, button, nav, summary, dt, a.button, .notice, .empty";
  const KNOWN = new Set(("Gewu Webhook Cookie English PNG SVG XLSX DOCX PDF CSV XML JSON JPEG WebP MB KB px km Ctrl Shift Esc Enter WGS GCJ BD CGCS CJJ CJ GB ISO"
    + " API REST XES SHA OIDC TOTP TLS STARTTLS URL HTTP HTTPS SMTP WeChat WeCom App ID IP UTC").split(" "));
  const found = new Map();
  const away = (element) => {
    const marked = element.closest("[lang]");
    return element.closest("script, style, noscript, code, kbd, pre, textarea, .mono, .typed, .said, .words, [data-foreign]")
      || (marked && marked !== document.documentElement && !marked.getAttribute("lang").startsWith(chinese ? "zh" : "en"));
  };
  const read = (text, element) => {
    if (!element || away(element)) return;
    // What an English page shows of a Chinese district is Chinese often enough; its own headings and buttons are not.
    if (!chinese && (element.closest(".num, strong") || !element.closest(FURNITURE))) return;
    const words = (text.replace(CODE, " ").match(foreign) ?? []).filter((word) => !(chinese && KNOWN.has(word.replace(/-$/, ""))));
    if (words.length && !found.has(words.join(" "))) {
      found.set(words.join(" "), `“${words.slice(0, 8).join(" ")}” in ${element.outerHTML.slice(0, 140).replace(/\s+/g, " ")}`);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) read(walker.currentNode.data, walker.currentNode.parentElement);
  for (const element of document.body.querySelectorAll("*")) {
    for (const name of ["alt", "aria-label", "title", "placeholder", "label"]) {
      const said = element.getAttribute(name);
      if (said) read(said, element);
    }
  }
  read(document.title, document.body);
  return [...found.values()];
}
