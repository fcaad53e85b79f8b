// Making elements, and saying things in the language of the page.

type Value = string | number | boolean | undefined | ((event: Event) => void);
export type Child = Node | string | null | undefined | false;

/** An element: attributes, listeners under `on...`, children; text is text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Record<string, Value> = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  for (const child of children) if (child) made.append(child);
  return made;
}

let words: Record<string, string> = {};

/** Take the words that came with the page. */
export function learn(found: Record<string, string>): void {
  words = found;
}

/** What the page calls something, with values put in for `{name}`. */
export function w(key: string, values: Record<string, string | number> = {}): string {
  const text = words[key];
  if (text === undefined) throw new Error(`no words for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** `14:02` by the district's clock, as everywhere at the desk, whatever the phone's own zone; with the day when it is
 * not today's there. */
export function clock(at: Date, now = new Date()): string {
  const { lang, dataset } = document.documentElement;
  const zone = dataset["zone"] || undefined;
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone });
  const day = (one: Date) => one.toLocaleDateString(lang, { day: "numeric", month: "short", timeZone: zone });
  return day(at) === day(now) ? time : `${day(at)} ${time}`;
}

/** Put the title of a screen into the reader's ear and the tab. */
export function show(root: HTMLElement, title: string, ...content: Child[]): void {
  const heading = h("h1", { tabindex: -1 }, title);
  root.replaceChildren(heading, ...content.filter((one): one is Node | string => Boolean(one)));
  heading.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}
