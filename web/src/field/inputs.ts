// The parts of forms: photos, the place, the category, and the fields that a move of the playbook asks for.
import type { Position, Role } from "../outbox/types.ts";
import { h, w } from "./dom.ts";
import { suggest, type Catalogue, type Form, type FormField } from "./model.ts";

export interface Taken {
  bytes: ArrayBuffer;
  type: string;
  role: Role;
}

let counter = 0;
const fresh = (name: string): string => `${name}-${(counter += 1)}`;

/** What went wrong with an input, said beside it; empty when all is well. */
export function complain(field: HTMLElement, text: string): void {
  field.querySelector(".error")?.remove();
  field.classList.toggle("field-bad", Boolean(text));
  const input = field.querySelector<HTMLElement>("input, select, textarea");
  input?.toggleAttribute("aria-invalid", false);
  if (!text) return;
  const said = h("p", { class: "error", id: fresh("error") }, text);
  (field.querySelector("label, legend") ?? field).after(said);
  input?.setAttribute("aria-invalid", "true");
  input?.setAttribute("aria-describedby", said.id);
}

/** Photos of one role. The camera opens with one touch; what was taken is shown at once. */
export class PhotoInput {
  readonly element: HTMLElement;
  readonly role: Role;
  private readonly least: number;
  private readonly files: File[] = [];
  private readonly list = h("ul", { class: "photos" });

  constructor(role: Role, label: string, least: number) {
    this.role = role;
    this.least = least;
    const id = fresh("photo");
    const input = h("input", { type: "file", accept: "image/*", capture: "environment", id, class: "sr", "data-role": role });
    input.addEventListener("change", () => {
      for (const file of input.files ?? []) this.take(file);
      input.value = "";
    });
    const optional = least ? "" : h("span", { class: "optional" }, ` ${w("optional")}`);
    const button = h("label", { for: id, class: "button camera" }, label, optional);
    this.element = h("div", { class: "field" }, input, button, this.list);
  }

  private take(file: File): void {
    complain(this.element, "");
    const address = URL.createObjectURL(file);
    const item = h("li", {}, h("figure", {},
      h("img", { src: address, alt: file.name }),
      h("figcaption", {}, h("button", { type: "button", class: "quiet", onclick: () => {
        this.files.splice(this.files.indexOf(file), 1);
        URL.revokeObjectURL(address);
        item.remove();
      } }, w("remove")))));
    this.files.push(file);
    this.list.append(item);
  }

  /** The photos, read whole; undefined where some are missing, which is said. */
  async read(): Promise<Taken[] | undefined> {
    if (this.files.length < this.least) {
      complain(this.element, w("photo_needed"));
      return undefined;
    }
    return Promise.all(this.files.map(async (file) => ({ bytes: await file.arrayBuffer(), type: file.type || "image/jpeg", role: this.role })));
  }
}

/** Ask the phone once where it is. Nothing is watched and nothing is kept beside what is sent. */
export function here(): Promise<Position> {
  return new Promise((resolve, reject) => {
    const finder = navigator.geolocation as Geolocation | undefined;
    if (!finder) reject(new Error("no position"));
    else {
      const done = ({ coords }: GeolocationPosition): void => resolve({ lon: coords.longitude, lat: coords.latitude });
      finder.getCurrentPosition(done, reject, { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 });
    }
  });
}

/** The place: one touch for the position of now, or a grid or community from the list. */
export class PlaceInput {
  readonly element: HTMLElement;
  private position: Position | undefined;
  private readonly places: Map<string, string>;
  private readonly typed: HTMLInputElement;

  constructor(catalogue: Catalogue) {
    const list = fresh("places");
    const id = fresh("place");
    this.places = new Map(catalogue.places.map(({ code, name }) => [`${name} ${code}`, code]));
    this.typed = h("input", { id, list, autocomplete: "off", placeholder: w("place_hint") });
    const said = h("p", { class: "hint", role: "status" });
    const button = h("button", { type: "button", class: "here", onclick: () => {
      said.textContent = w("finding");
      here().then((found) => {
        this.position = found;
        said.textContent = w("found_here", { lon: found.lon.toFixed(5), lat: found.lat.toFixed(5) });
        complain(this.element, "");
      }, () => { said.textContent = w("no_position"); });
    } }, w("here"));
    this.element = h("div", { class: "field" }, h("label", { for: id }, w("place")), button, said, this.typed,
      h("datalist", { id: list }, ...[...this.places.keys()].map((value) => h("option", { value }))));
  }

  read(): { position?: Position; place?: string } | undefined {
    const typed = this.typed.value.trim();
    const place = this.places.get(typed);
    if (typed && !place) {
      complain(this.element, w("place_unknown"));
      return undefined;
    }
    if (place) return { place };
    if (this.position) return { position: this.position };
    complain(this.element, w("place_needed"));
    return undefined;
  }
}

/** The category by words, suggested from what was typed about the problem. */
export class CategoryInput {
  readonly element: HTMLElement;
  value = "";
  name = "";
  private readonly catalogue: Catalogue;
  private readonly required: boolean;
  private readonly offered = h("div", { class: "offers" });
  private readonly search: HTMLInputElement;
  private readonly chosen: (key: string) => void;

  constructor(catalogue: Catalogue, title: string, required: boolean, chosen: (key: string) => void = () => undefined) {
    this.catalogue = catalogue;
    this.required = required;
    this.chosen = chosen;
    const id = fresh("category");
    this.search = h("input", { id, type: "search", autocomplete: "off", placeholder: w("category_hint") });
    this.search.addEventListener("input", () => this.offer(this.search.value));
    this.element = h("div", { class: "field" },
      h("label", { for: id }, title, required ? "" : h("span", { class: "optional" }, ` ${w("optional")}`)), this.search, this.offered);
  }

  /** Offer what fits to words, unless one was chosen. */
  offer(words: string): void {
    if (this.value && words !== this.search.value) return;
    this.offered.replaceChildren(...suggest(this.catalogue, words).map((one) => h("button", {
      type: "button", "aria-pressed": String(one.key === this.value), onclick: () => this.choose(one.key),
    }, one.name)));
  }

  choose(key: string): void {
    this.value = key;
    this.name = this.catalogue.categories.find((one) => one.key === key)?.name ?? key;
    this.search.value = this.name;
    this.offered.replaceChildren();
    complain(this.element, "");
    this.chosen(key);
  }

  read(): string | undefined {
    if (this.search.value.trim() !== this.name) this.value = "";
    if (!this.value && (this.required || this.search.value.trim())) {
      complain(this.element, w("category_needed"));
      return undefined;
    }
    return this.value;
  }
}

/** The plain fields of a form, as the playbook describes them. */
export class Fields {
  readonly element = h("div");
  private readonly inputs: Array<{ name: string; spec: FormField; required: boolean; field: HTMLElement; input: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement }> = [];

  constructor(form: Form, skip: (name: string, spec: FormField) => boolean = () => false) {
    for (const [name, spec] of Object.entries(form.properties)) {
      if (!skip(name, spec)) this.add(name, spec, form.required.includes(name));
    }
  }

  private add(name: string, spec: FormField, required: boolean): void {
    const id = fresh(name);
    const input = inputOf(spec, id, name);
    const optional = required ? "" : h("span", { class: "optional" }, ` ${w("optional")}`);
    const tick = input instanceof HTMLInputElement && input.type === "checkbox";
    const label = h("label", { for: id, class: tick ? "tick" : undefined }, tick ? input : "", spec.title, tick ? "" : optional);
    const field = h("div", { class: "field" }, label, tick ? "" : input, spec.description ? h("p", { class: "hint" }, spec.description) : "");
    this.inputs.push({ name, spec, required, field, input });
    this.element.append(field);
  }

  input(name: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement | undefined {
    return this.inputs.find((one) => one.name === name)?.input;
  }

  /** The values that were given; undefined where one is missing, which is said. */
  read(): Record<string, unknown> | undefined {
    const values: Record<string, unknown> = {};
    let good = true;
    for (const { name, spec, required, field, input } of this.inputs) {
      complain(field, "");
      const tick = input instanceof HTMLInputElement && input.type === "checkbox";
      const value = tick ? input.checked : input.value.trim();
      if (required && !value) {
        complain(field, w("required"));
        good = false;
      } else if (value !== "" && value !== false) values[name] = spec["x-type"] === "int" ? Number(value) : value;
    }
    return good ? values : undefined;
  }
}

function inputOf(spec: FormField, id: string, name: string): HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement {
  const kind = spec["x-type"];
  if (spec.enum) {
    return h("select", { id, name }, h("option", { value: "" }, w("choose")),
      ...spec.enum.map((value) => h("option", { value }, spec["x-titles"]?.[value] ?? value)));
  }
  if (kind === "bool" || kind === "tick") return h("input", { id, name, type: "checkbox" });
  if (kind === "int") return h("input", { id, name, type: "number", inputmode: "numeric", min: spec.minimum, max: spec.maximum });
  if (kind === "date") return h("input", { id, name, type: "date" });
  if (kind === "phone") return h("input", { id, name, type: "tel" });
  return h("textarea", { id, name, rows: 3, maxlength: spec.maxLength });
}
