// What the phone knows of the day: read when there is a line, kept for when there is none.
import type { Http } from "../outbox/http.ts";
import { answer, type Store } from "../outbox/store.ts";
import { LoginNeeded, Rejected, Unreachable, type Position } from "../outbox/types.ts";

export interface FormField {
  title: string;
  description?: string;
  "x-type": string;
  "x-titles"?: Record<string, string>;
  enum?: string[];
  maxLength?: number;
  minimum?: number;
  maximum?: number;
}

export interface Form {
  required: string[];
  properties: Record<string, FormField>;
}

export interface Move {
  name: string;
  title: string;
  hint: string;
  additive: boolean;
  direction: string;
  needs_reason: boolean;
  needs_photos: Record<string, number>;
  form: Form;
}

export interface Task {
  id: string;
  number: string;
  version: number;
  stage: { code: string; name: string };
  parts: string[];
  category: string;
  place: string;
  words: string;
  urgent: boolean;
  lon: number | null;
  lat: number | null;
  clock: string;
  due_at: string | null;
  warns_at: string | null;
  photos: string[];
  moves: Move[];
  /** An arrival keeps where it was made: at an emergency or a whistle. */
  presence: boolean;
}

export interface Making {
  name: "report" | "fix_on_spot";
  title: string;
  needs_photos: Record<string, number>;
  form: Form;
}

export interface Today {
  person: string;
  name: string;
  at: string;
  more: boolean;
  tasks: Task[];
  making: Making[];
}

export interface Catalogue {
  categories: Array<{ key: string; name: string; major: string }>;
  standards: Array<{ key: string; category: string; filing: string; limit: string }>;
  places: Array<{ code: string; name: string }>;
}

/** offline: no answer. login: nobody is logged in. server: it answered something else, in these words. */
export interface Fault {
  kind: "offline" | "login" | "server";
  text: string;
}

const DAY = 24 * 3600 * 1000;
const EMPTY: Catalogue = { categories: [], standards: [], places: [] };

export class Day {
  today: Today | undefined;
  /** Why the day could not be loaded when it was last tried. */
  fault: Fault | undefined;
  catalogue: Catalogue = EMPTY;
  private readonly store: Store;
  private readonly http: Http;
  private readonly person: string;
  private readonly key: string;
  /** Somebody logged out: what is still on its way here is not kept any more. */
  private over = false;

  constructor(store: Store, http: Http, person: string, language: string) {
    this.store = store;
    this.http = http;
    this.person = person;
    this.key = `${person}:${language}`;
  }

  /** What was kept. The day of whoever had the phone before is forgotten; what they did waits for them in the outbox. */
  async recall(): Promise<void> {
    const others = (await this.store.keys("facts")).filter((key) => key.startsWith("today:") && !key.startsWith(`today:${this.person}:`));
    if (others.length) await this.store.change<void>(["facts"], ({ facts }) => { for (const key of others) facts.delete(key); return {}; });
    this.today = await this.store.fact<Today>(`today:${this.key}`);
    this.catalogue = (await this.store.fact<{ value: Catalogue }>(`catalogue:${this.key}`))?.value ?? EMPTY;
  }

  /** What holds now; false when it could not be had: then `fault` says why, and what was kept stays. */
  async refresh(): Promise<boolean> {
    try {
      await this.load();
      this.fault = undefined;
    } catch (error) {
      if (error instanceof LoginNeeded) this.fault = { kind: "login", text: "" };
      else if (error instanceof Unreachable) this.fault = { kind: "offline", text: "" };
      else if (error instanceof Rejected) this.fault = { kind: "server", text: error.message || error.code };
      else throw error;
    }
    return !this.fault;
  }

  private async load(): Promise<void> {
    const today = await this.http.read<Today>("/api/v1/field/today");
    if (this.over) throw new LoginNeeded("");
    this.today = today;
    await this.store.keep(`today:${this.key}`, today);
    const kept = await this.store.fact<{ at: number }>(`catalogue:${this.key}`);
    if (kept && Date.now() - kept.at < DAY) return;
    this.catalogue = await this.http.read<Catalogue>("/api/v1/field/catalogue");
    await this.store.keep(`catalogue:${this.key}`, { at: Date.now(), value: this.catalogue });
  }

  /** Forget the day, in every language, when somebody logs out; what waits to be sent stays. */
  async forget(): Promise<void> {
    this.over = true;
    await this.store.change<void>(["facts"], async ({ facts }) => {
      for (const key of (await answer(facts.getAllKeys())) as string[]) if (key.startsWith("today:")) facts.delete(key);
      return {};
    });
  }
}

/** Tasks with the nearest first; those without a position come last, by their clocks as before. */
export function nearest(tasks: Task[], from: Position): Task[] {
  return tasks
    .map((task, order) => ({ task, order, metres: metres(task, from) }))
    .sort((a, b) => a.metres - b.metres || a.order - b.order)
    .map(({ task }) => task);
}

/** How the clock of a task stands: in time, near its end, late. */
export function stateOf(task: Pick<Task, "due_at" | "warns_at">, now = Date.now()): "time" | "soon" | "late" {
  if (!task.due_at) return "time";
  if (now > Date.parse(task.due_at)) return "late";
  return task.warns_at && now >= Date.parse(task.warns_at) ? "soon" : "time";
}

/** Distance in metres on a sphere; infinite where the task has no position. */
export function metres(task: Pick<Task, "lon" | "lat">, from: Position): number {
  if (task.lon === null || task.lat === null) return Infinity;
  const radians = Math.PI / 180;
  const x = (task.lon - from.lon) * radians * Math.cos(((task.lat + from.lat) / 2) * radians);
  const y = (task.lat - from.lat) * radians;
  return Math.hypot(x, y) * 6_371_000;
}

/** Categories whose name stands in what was typed, or holds its words, or shares parts with it; best first. */
export function suggest(catalogue: Catalogue, typed: string, most = 6): Catalogue["categories"] {
  const text = typed.trim().toLowerCase();
  if (!text) return [];
  const wanted = parts(text);
  return catalogue.categories
    .map((one, order) => {
      const name = one.name.toLowerCase();
      const own = parts(name);
      const shared = [...own].filter((part) => wanted.has(part)).length / Math.max(1, own.size);
      const stands = text.includes(name) ? 2 : 0;
      const holds = text.split(/\s+/).every((word) => `${name} ${one.major.toLowerCase()}`.includes(word)) ? 1 : 0;
      return { one, order, score: stands + holds + shared };
    })
    .filter(({ score }) => score >= 0.3)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .slice(0, most)
    .map(({ one }) => one);
}

/** Pairs of neighbouring Han signs, and Latin words of at least three letters. */
function parts(text: string): Set<string> {
  const found = new Set<string>(text.match(/[a-z]{3,}/g) ?? []);
  for (const run of text.match(/[\u3400-\u9fff]+/g) ?? []) {
    const signs = [...run];
    for (let n = 1; n < signs.length; n++) found.add(signs[n - 1]! + signs[n]!);
  }
  return found;
}
