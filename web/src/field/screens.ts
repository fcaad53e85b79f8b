// The screens of the field: the tasks, one task, something new, and what became of what was done.
import type { Outbox, Wish } from "../outbox/outbox.ts";
import { StorageFull, type Body, type Item, type Position, type Role } from "../outbox/types.ts";
import { clock, h, show, w, type Child } from "./dom.ts";
import { CategoryInput, complain, Fields, here, PhotoInput, PlaceInput, type Taken } from "./inputs.ts";
import { metres, nearest, stateOf, type Day, type FormField, type Making, type Move, type Task } from "./model.ts";
import type { Pictures } from "./pictures.ts";
import type { Status } from "./status.ts";
import { TaskMap } from "./taskmap.ts";

/** What stands in a form of something new and is not asked for on a phone: a find on the round has no reporter. */
const FIXED = new Set(["source", "has_reporter", "reporter_name", "reporter_phone", "owner", "category", "standard"]);
const ROLES: Record<string, Role> = { before: "before", after: "after", any: "scene", scene: "scene" };

export class Screens {
  private readonly root: HTMLElement;
  private readonly day: Day;
  private readonly box: Outbox;
  private readonly status: Status;
  private from: Position | undefined;
  private told = "";
  private turn = 0;
  private readonly map: TaskMap;
  private readonly pictures: Pictures;
  private readonly anew: () => void;
  private addresses: string[] = [];

  /** `anew` loads the day again. */
  constructor(root: HTMLElement, day: Day, box: Outbox, status: Status, pictures: Pictures, anew: () => void) {
    this.root = root;
    this.day = day;
    this.box = box;
    this.status = status;
    this.pictures = pictures;
    this.anew = anew;
    this.map = new TaskMap(root.dataset["map"] ?? "", root.dataset["places"] ?? "");
  }

  /** Show the screen that the address names. */
  async go(): Promise<void> {
    this.turn += 1;
    for (const address of this.addresses.splice(0)) URL.revokeObjectURL(address);
    const [what = "", id = "", move = ""] = decodeURIComponent(location.hash.slice(1)).split("/");
    const task = this.day.today?.tasks.find((one) => one.id === id);
    const making = this.day.today?.making.find((one) => one.name === id);
    if (what === "new" && making) this.make(making);
    else if (what === "task" && task && move) await this.move(task, task.moves.find((one) => one.name === move));
    else if (what === "task" && task) await this.task(task);
    else if (what === "outbox") await this.outbox();
    else await this.tasks();
  }

  /** Draw again what shows facts, but never under somebody's hands in a form. */
  async redraw(): Promise<void> {
    const place = location.hash.slice(1).split("/");
    if (place[0] === "" || place[0] === "outbox") await this.go();
  }

  // ---- the day

  private async tasks(): Promise<void> {
    const today = this.day.today;
    const done = new Set((await this.box.items()).filter(({ state }) => state === "waiting").map(({ body }) => body.case));
    const making = (today?.making ?? []).map((one) => h("a", { class: "button primary big", href: `#new/${one.name}` }, one.title));
    const list = today ? (this.from ? nearest(today.tasks, this.from) : today.tasks) : [];
    const content: Child[] = [];
    if (this.told) content.push(h("p", { class: "notice notice-success", role: "status" }, this.told));
    this.told = "";
    content.push(h("div", { class: "making" }, ...making));
    content.push(this.fault());
    if (!today && !this.day.fault) content.push(h("p", { class: "empty" }, w("no_day")));
    if (!today) content.push(h("p", {}, h("button", { type: "button", onclick: this.anew }, w("try_again"))));
    else {
      content.push(h("div", { class: "tasks-head" }, h("h2", {}, w("tasks", { n: list.length })), h("span", { class: "tasks-tools" }, this.map.button(list), this.sorter())), this.map.element(list));
      content.push(list.length
        ? h("ol", { class: "field-tasks" }, ...list.map((task) => this.row(task, done.has(task.id))))
        : h("p", { class: "empty" }, w("no_tasks")));
      if (today.more) content.push(h("p", { class: "muted" }, w("more_tasks")));
      content.push(h("p", { class: "muted" }, w("as_of", { at: clock(new Date(today.at)) })));
    }
    show(this.root, w("today"), ...content);
  }

  /** Why the tasks are not those of now, where somebody can do something about it. */
  private fault(): Child {
    const { fault, today } = this.day;
    if (!fault || (fault.kind === "offline" && today)) return undefined; // kept tasks say of when they are
    const said = h("p", { class: "notice notice-warning", role: "status", "data-fault": fault.kind }, w(`day_${fault.kind}`, { text: fault.text }));
    if (fault.kind === "login") said.append(" ", h("a", { href: `/desk/login?next=${encodeURIComponent(location.pathname)}` }, w("log_in")));
    return said;
  }

  private sorter(): HTMLElement {
    return h("button", { type: "button", "aria-pressed": String(Boolean(this.from)), onclick: (event) => {
      if (this.from) {
        this.from = undefined;
        void this.tasks();
        return;
      }
      const button = event.currentTarget as HTMLButtonElement;
      button.textContent = w("finding");
      here().then((found) => { this.from = found; void this.tasks(); }, () => { button.textContent = w("no_position_short"); });
    } }, w("nearest_first"));
  }

  private row(task: Task, done: boolean): HTMLElement {
    const far = this.from ? metres(task, this.from) : Infinity;
    return h("li", {}, h("a", { href: `#task/${task.id}` },
      h("span", { class: "row-what" }, task.urgent ? h("strong", { class: "tag" }, w("urgent")) : "", task.category || task.words || task.number),
      h("span", { class: "row-where" }, [task.place, Number.isFinite(far) ? w("metres", { n: Math.round(far / 10) * 10 }) : ""].filter(Boolean).join(" · ")),
      h("span", { class: "row-state" }, done ? h("span", { class: "tag" }, w("done_here")) : `${task.stage.name} `, clockOf(task))));
  }

  private async task(task: Task): Promise<void> {
    const turn = ++this.turn;
    const waiting = (await this.box.items()).filter((item) => item.state === "waiting" && item.body.case === task.id);
    const exclusive = waiting.some((item) => !task.moves.find(({ name }) => name === item.body.move)?.additive);
    const open = task.moves.filter((move) => move.additive || !exclusive);
    const [first, ...rest] = open.filter((move) => move.direction === "forward" || Object.keys(move.needs_photos).length);
    const others = open.filter((move) => move !== first && !rest.includes(move));
    const problem = h("p", { class: "error", role: "alert" });
    const button = (move: Move, kind: string): HTMLElement => atOnce(task, move)
      ? h("button", { type: "button", class: kind, "data-arrive": true, onclick: (event) => this.arrive(task, move, event.currentTarget as HTMLButtonElement, problem) }, move.title)
      : h("a", { class: `button ${kind}`, href: `#task/${task.id}/${move.name}` }, move.title);
    const pictures = await Promise.all(task.photos.map((id, n) => this.picture(id, `${w("photo_of_case")} ${n + 1}`)));
    if (turn !== this.turn) return; // another screen was asked for meanwhile
    show(this.root, task.category || task.number,
      h("p", { class: "row-state" }, `${task.stage.name} `, clockOf(task)),
      task.words ? h("p", { class: "said" }, task.words) : "",
      h("dl", { class: "facts" },
        h("dt", {}, w("number")), h("dd", { class: "num" }, task.number),
        h("dt", {}, w("where")), h("dd", {}, task.place)),
      pictures.length ? h("ul", { class: "photos" }, ...pictures) : "",
      waiting.length ? h("p", { class: "notice", role: "status" }, w("waits_here", { what: waiting.map(({ about }) => about).join("; ") })) : "",
      h("div", { class: "actions" }, first ? button(first, "primary") : "", ...rest.map((move) => button(move, "")), ...others.map((move) => button(move, ""))),
      open.some((move) => atOnce(task, move)) ? h("p", { class: "muted" }, w("position_once")) : "", problem,
      h("p", {}, h("a", { href: "#" }, w("back"))));
  }

  /** There, by one press: kept with the position of now, or without one where the phone gives none. */
  private arrive(task: Task, move: Move, button: HTMLButtonElement, problem: HTMLElement): void {
    if (button.disabled) return;
    button.disabled = true;
    button.textContent = w("finding");
    here().catch(() => undefined)
      .then((position) => this.box.add({ kind: "move", about: about(task, move), body: bodyOf(task, move, {}, position), photos: [] }))
      .then((item) => {
        this.told = w("kept", { what: item.about });
        location.hash = "#";
        void this.status.send();
      }, (error: unknown) => {
        problem.textContent = error instanceof StorageFull ? w("full") : w("not_kept");
        button.disabled = false;
        button.textContent = move.title;
        console.error(error);
      });
  }

  /** A picture of a task: the kept one, which needs no line. A touch makes it large, and sharp where there is a line. */
  private async picture(id: string, name: string): Promise<HTMLElement> {
    const kept = await this.pictures.kept(id);
    const address = kept ? URL.createObjectURL(kept) : `/desk/photos/${id}/thumb`;
    if (kept) this.addresses.push(address);
    const image = h("img", { src: address, alt: name });
    const figure = h("figure", {}, h("button", { type: "button", class: "picture", "aria-pressed": "false", onclick: (event) => {
      const large = figure.classList.toggle("large-picture");
      (event.currentTarget as HTMLElement).setAttribute("aria-pressed", String(large));
      if (!large) return;
      const sharp = new Image();
      sharp.onload = () => { image.src = sharp.src; };
      sharp.src = `/desk/photos/${id}`;
    } }, image));
    image.addEventListener("error", () => figure.replaceChildren(h("p", { class: "muted" }, w("no_picture"))), { once: true });
    return h("li", {}, figure);
  }

  // ---- doing something

  private async move(task: Task, move: Move | undefined): Promise<void> {
    if (!move) return this.task(task);
    const photos = photosFor(Object.keys(move.needs_photos).length ? move.needs_photos : { scene: 0 });
    const fields = new Fields(move.form);
    const reason = new Fields({ required: move.needs_reason ? ["reason"] : [], properties: move.needs_reason ? { reason: { title: w("reason"), "x-type": "text", maxLength: 2000 } } : {} });
    this.form(move.title, move.hint || `${task.category} · ${task.place}`, `#task/${task.id}`,
      [...photos.map(({ element }) => element), fields.element, reason.element],
      async () => {
        const taken = await readAll(photos);
        const given = fields.read();
        const why = reason.read();
        if (!taken || !given || !why) return undefined;
        const position = arrives(task, move) ? await here().catch(() => undefined) : undefined;
        const body = { ...bodyOf(task, move, given, position), ...(move.needs_reason ? { reason: String(why["reason"]) } : {}) };
        return { kind: "move", about: about(task, move), body, photos: taken };
      });
  }

  private make(making: Making): void {
    const { properties, required } = making.form;
    const roles = Object.keys(making.needs_photos).length ? making.needs_photos : { scene: 0 };
    const photos = photosFor(roles);
    const place = new PlaceInput(this.day.catalogue);
    const standards = h("select", { id: "standard" });
    const standardField = h("div", { class: "field" }, h("label", { for: "standard" }, properties["standard"]?.title ?? ""), standards);
    standardField.hidden = !("standard" in properties);
    const offer = (key: string): void => {
      standards.replaceChildren(...this.day.catalogue.standards.filter((one) => one.category === key)
        .map((one) => h("option", { value: one.key }, `${one.filing} (${one.limit})`)));
    };
    // Where a standard is asked for, only categories that have one are offered.
    const filed = new Set(this.day.catalogue.standards.map((one) => one.category));
    const offered = standardField.hidden ? this.day.catalogue.categories : this.day.catalogue.categories.filter(({ key }) => filed.has(key));
    const category = new CategoryInput({ ...this.day.catalogue, categories: offered }, properties["category"]?.title ?? "", required.includes("category"), offer);
    const fields = new Fields(making.form, (name: string, _spec: FormField) => FIXED.has(name));
    const words = fields.input("description");
    words?.addEventListener("input", () => category.offer(words.value));
    this.form(making.title, "", "#", [...photos.map(({ element }) => element), place.element, fields.element, category.element, standardField],
      async () => {
        const chosen = category.read();
        if (words && !words.value.trim() && chosen) words.value = category.name; // the category says it in three touches
        const taken = await readAll(photos);
        const where = place.read();
        const given = fields.read();
        if (standards.options.length === 0 && chosen && !standardField.hidden) complain(category.element, w("no_standard"));
        if (!taken || !where || !given || chosen === undefined || (!standardField.hidden && !standards.value)) return undefined;
        const form: Record<string, unknown> = { ...given };
        if ("source" in properties) form["source"] = "collector";
        if (chosen) form["category"] = chosen;
        if (!standardField.hidden) form["standard"] = standards.value;
        const about = w("about", { what: making.title, which: String(given["description"] ?? "").slice(0, 40) });
        return { kind: making.name, about, body: { form, ...where }, photos: taken };
      });
  }

  /** A form: what is asked for, one button, and the errors above it. What it gives is kept before anything is sent. */
  private form(title: string, hint: string, back: string, content: Child[], read: () => Promise<Wish | undefined>): void {
    const button = h("button", { class: "primary", type: "submit" }, title);
    const problem = h("p", { class: "error", role: "alert" });
    const form = h("form", { novalidate: true, onsubmit: (event) => {
      event.preventDefault();
      if (button.disabled) return;
      button.disabled = true;
      problem.textContent = "";
      read().then(async (wish) => {
        if (!wish) {
          problem.textContent = w("please_correct");
          form.querySelector<HTMLElement>(".field-bad input, .field-bad textarea, .field-bad select")?.focus();
          return;
        }
        const item = await this.box.add(wish);
        this.told = w("kept", { what: item.about });
        location.hash = "#";
        void this.status.send();
      }).catch((error: unknown) => {
        problem.textContent = error instanceof StorageFull ? w("full") : w("not_kept");
        console.error(error);
      }).finally(() => { button.disabled = false; });
    } }, ...content, problem, h("div", { class: "actions" }, button, h("a", { class: "button", href: back }, w("cancel"))));
    show(this.root, title, hint ? h("p", { class: "muted" }, hint) : "", form);
  }

  // ---- what became of it

  /** Draw the list, or put a newer one in its place: a list that says the same stays, so that nothing moves under a finger. */
  private async outbox(): Promise<void> {
    const turn = ++this.turn;
    const items = (await this.box.items()).reverse();
    if (turn !== this.turn || location.hash !== "#outbox") return; // a later look knows better
    const drawn = JSON.stringify(items.map(({ id, state, answered_at }) => [id, state, answered_at]));
    const before = this.root.querySelector<HTMLElement>("[data-drawn]");
    if (before?.dataset["drawn"] === drawn) return;
    const list = items.length
      ? h("ol", { class: "sent", "data-drawn": drawn }, ...items.map((item) => this.sent(item)))
      : h("p", { class: "empty", "data-drawn": drawn }, w("outbox_empty"));
    if (before) before.replaceWith(list);
    else show(this.root, w("outbox"),
      h("div", { class: "actions" }, h("button", { type: "button", onclick: () => void this.status.send() }, w("send_now"))),
      list,
      h("p", {}, h("a", { href: "#" }, w("back"))));
  }

  private sent(item: Item): HTMLElement {
    const { answer, state } = item;
    const said: Child[] = [];
    if (state === "refused") said.push(h("p", {}, answer?.detail || answer?.code || ""));
    if (state === "conflict") {
      said.push(h("p", {}, w("changed")), h("ul", {}, ...(answer?.changed ?? []).map((one) =>
        h("li", {}, `${clock(new Date(one.at))} ${one.title}, ${one.who}`))));
      if (answer?.stage) said.push(h("p", {}, w("stands_at", { stage: answer.stage })));
    }
    if (state === "refused" || state === "conflict") {
      const again = h("button", { type: "button", onclick: () => void this.box.again(item.id).then(() => this.status.send()).then(() => this.outbox()) }, w("again"));
      const give = h("button", { type: "button", class: "danger", onclick: () => {
        if (window.confirm(w("give_up_sure", { what: item.about }))) void this.box.discard(item.id).then(() => this.outbox());
      } }, w("give_up"));
      said.push(h("div", { class: "actions" }, again, give));
    }
    const chip = { waiting: "soon", sent: "time", refused: "late", conflict: "back" }[state];
    return h("li", { "data-state": state },
      h("p", {}, h("span", { class: `chip chip-${chip}` }, w(`state_${state}`)), " ", h("span", { class: "sent-what" }, item.about)),
      h("p", { class: "muted" }, [w("made", { at: clock(new Date(item.made_at)) }), answer?.number ?? ""].filter(Boolean).join(" · ")),
      ...said);
  }
}

/** Whether a move says that somebody is there, where that is kept with its position. */
function arrives(task: Task, move: Move): boolean {
  return move.name === "arrive" && task.presence;
}

/** Such a move that owes nothing else: one press makes it. */
function atOnce(task: Task, move: Move): boolean {
  return arrives(task, move) && !move.needs_reason && move.form.required.length === 0 && Object.keys(move.needs_photos).length === 0;
}

function bodyOf(task: Task, move: Move, form: Record<string, unknown>, position: Position | undefined): Body {
  return { case: task.id, move: move.name, form, version: task.version, ...(position ? { position } : {}) };
}

function about(task: Task, move: Move): string {
  return w("about", { what: move.title, which: `${task.category || task.number} · ${task.place}` });
}

/** A clock like those of the server's pages; the page's own script lets it run. */
function clockOf(task: Task): Child {
  if (!task.due_at) return "";
  const due = Math.floor(new Date(task.due_at).getTime() / 1000);
  const amber = task.warns_at ? Math.floor(new Date(task.warns_at).getTime() / 1000) : "";
  const now = Date.now() / 1000;
  const state = stateOf(task);
  const shared = (window as unknown as { gewu?: { left(seconds: number): string } }).gewu;
  return h("time", { class: `clock clock-${state}`, datetime: task.due_at, "data-due": due, "data-amber": amber },
    ...SHAPES.map(shape), h("span", {}, shared ? shared.left(Math.round(due - now)) : clock(new Date(task.due_at))));
}

/** The shapes of the three states of a clock, as on the server's pages; the styles show the one that holds. */
const SHAPES = ["M6 1.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9z", "M6 1 11.5 11H.5z", "M6 .5 11.5 6 6 11.5.5 6z"];

function shape(drawing: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  for (const [name, value] of [["class", "shape"], ["viewBox", "0 0 12 12"], ["aria-hidden", "true"]] as const) made.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", drawing);
  made.append(path);
  return made;
}

function photosFor(needs: Record<string, number>): PhotoInput[] {
  return Object.entries(needs).map(([role, least]) => new PhotoInput(ROLES[role] ?? "other", w(`photo_${role in ROLES ? role : "any"}`), least));
}

async function readAll(inputs: PhotoInput[]): Promise<Taken[] | undefined> {
  const read = await Promise.all(inputs.map((input) => input.read()));
  return read.every((one): one is Taken[] => one !== undefined) ? read.flat() : undefined;
}
