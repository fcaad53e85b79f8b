// Words of a page that are not in its language: Latin words where it is Chinese, Han characters where it is English.
// What people typed, what is marked as another language, names of files, keys and codes are no words of the page.
(language) => {
  const chinese = language.startsWith("zh");
  const foreign = chinese ? /[A-Za-z][A-Za-z’'-]+/g : /[\u3400-\u9fff]+/g;
  const CODE = /\b[A-Za-z]+-\d[\w-]*|\b[a-z]+(?:-[a-z0-9]+)+\b|https?:\/\/\S+|\w+:(?=[^\s\x00-\x7f])|gewu(?: -*[A-Za-z]+)+|[A-Za-z_{]*[\d/_{}\\][\w/.{}\\-]*|\w+\.[a-z]\w*/g; // commands, paths, numbers of things
  const FURNITURE = "h1, h2, h3, th, label, legend, button, nav, summary, dt, a.button, .notice, .empty";
  const KNOWN = new Set(("Gewu Webhook Cookie English Chrome Chromium Safari Firefox Edge Linux Windows Android iPhone PNG SVG XLSX DOCX PDF CSV XML JSON JPEG WebP MB KB px km Ctrl Shift Esc Enter WGS GCJ BD CGCS CJJ CJ GB ISO"
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
    // One word alone may be a name of something; on a heading or a button it is ours.
    if (chinese && words.length === 1 && !element.closest(FURNITURE)) return;
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
  if (chinese) for (const said of halfWidth(away)) found.set(said, said);
  return [...found.values()];

  // Signs as Latin has them, after Han characters: in a Chinese sentence they are full-width. Read as people do, across
  // the words that are marked up.
  function halfWidth(away) {
    const SIGN = /[\u3400-\u9fff”》）][ \u2009]?(?:[,;!?:](?=\s|$|[\u3400-\u9fff])|\.(?=\s|$))|\((?=[^()]*[\u3400-\u9fff])|[\u3400-\u9fff][ \u2009]?\(/u;
    const lines = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement;
      let block = element;
      while (block !== document.body && getComputedStyle(block).display.startsWith("inline")) block = block.parentElement;
      if (element.closest("script, style, noscript")) continue;
      const text = away(element) && !element.closest("[data-foreign]") ? "\u0001" : walker.currentNode.data;
      lines.set(block, (lines.get(block) ?? "") + text);
    }
    const wrong = [];
    for (const line of lines.values()) {
      const at = line.replace(/\s+/g, " ").trim();
      const hit = at.search(SIGN);
      if (hit >= 0) wrong.push(`half-width sign in “${at.slice(Math.max(0, hit - 20), hit + 20)}”`);
    }
    return wrong;
  }
}
