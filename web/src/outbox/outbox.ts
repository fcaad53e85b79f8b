// The outbox: what was done outside waits here until the server has said, item by item, what became of it.
import { sha256, uuid7 } from "./ids.ts";
import { answer, Store } from "./store.ts";
import {
  LoginNeeded, Rejected, StorageFull, Unreachable,
  type Answer, type Batch, type Body, type Item, type Kind, type Photo, type PhotoRef, type Role, type Transport,
} from "./types.ts";

/** Items in one batch; the server takes no more. */
export const BATCH = 20;
/** After so many faults of the server over one item it is set aside. */
const FAULTS = 3;
/** How long what was sent stays in the list. */
const KEPT = 3 * 24 * 3600 * 1000;
const NOT_NEAR = 0.9;
const LEAST_ROOM = 25 * 1024 * 1024;

export interface Wish {
  kind: Kind;
  about: string;
  body: Body;
  photos?: Array<{ bytes: ArrayBuffer; type: string; role: Role }>;
}

export type Round = "nothing" | "sent" | "offline" | "login";

export interface Standing {
  waiting: number;
  aside: number;
  /** Waiting items that somebody else made on this phone: only that person can send them. */
  others: number;
  sending: boolean;
  last_sent?: number;
}

/** The sequence of one person on this device. */
interface Counter {
  device: string;
  next: number;
}

export class Outbox {
  readonly store: Store;
  private readonly transport: Transport;
  private readonly person: string;
  private running: Promise<Round> | undefined;
  private readonly watchers = new Set<() => void>();

  constructor(store: Store, transport: Transport, person: string) {
    this.store = store;
    this.transport = transport;
    this.person = person;
  }

  onChange(watcher: () => void): void {
    this.watchers.add(watcher);
  }

  /** Keep something that was done. When this returns, it outlives the page, the browser and the battery. */
  async add(wish: Wish): Promise<Item> {
    const photos: Photo[] = [];
    const refs: PhotoRef[] = [];
    for (const { bytes, type, role } of wish.photos ?? []) {
      const hash = await sha256(bytes);
      photos.push({ hash, type, bytes });
      refs.push({ hash, role });
    }
    const keep = (): Promise<Item> => this.store.change<Item>(["items", "photos", "facts"], async ({ items, photos: kept, facts }) => {
      const key = `counter:${this.person}`;
      const counter = ((await answer(facts.get(key))) as Counter | undefined) ?? { device: uuid7(), next: 1 };
      const earlier = wish.body.case ? lastOn(wish.body.case, (await answer(items.getAll())) as Item[], this.person) : undefined;
      const made: Item = {
        id: uuid7(), person: this.person, device: counter.device, seq: counter.next, kind: wish.kind, body: wish.body,
        photos: refs, made_at: Date.now(), about: wish.about, state: "waiting", faults: 0,
        ...(earlier ? { after: earlier.id } : {}),
      };
      facts.put({ ...counter, next: counter.next + 1 } satisfies Counter, key);
      for (const photo of photos) kept.put(photo);
      items.put(made);
      return { result: made };
    });
    const item = await keep().catch(async (error: unknown) => {
      if (!(error instanceof StorageFull)) throw error;
      await this.store.dropPictures(); // what was done comes before what can be looked at
      return keep();
    });
    this.tell();
    return item;
  }

  /** The items of this person, in the order in which they were made. */
  async items(): Promise<Item[]> {
    return (await this.store.items()).filter((item) => item.person === this.person);
  }

  async standing(): Promise<Standing> {
    const all = await this.store.items();
    const own = all.filter((item) => item.person === this.person);
    const last = await this.store.fact<number>(`sent:${this.person}`);
    return {
      waiting: own.filter((item) => item.state === "waiting").length,
      aside: own.filter((item) => item.state === "refused" || item.state === "conflict").length,
      others: all.filter((item) => item.person !== this.person && item.state === "waiting").length,
      sending: this.running !== undefined,
      ...(last === undefined ? {} : { last_sent: last }),
    };
  }

  /** Send what waits. One round at a time, also over several pages of this browser where it can tell. */
  sync(): Promise<Round> {
    this.running ??= this.alone(() => this.round()).finally(() => {
      this.running = undefined;
      this.tell();
    });
    return this.running;
  }

  /** Try an item again that was set aside; after a conflict, against the record as it stands now. */
  async again(id: string): Promise<void> {
    await this.amend(id, (item) => {
      const version = item.state === "conflict" ? item.answer?.version : undefined;
      const body = version === undefined ? item.body : { ...item.body, version };
      const { answer: _answer, answered_at: _at, ...rest } = item;
      return { ...rest, body, state: "waiting", faults: 0 };
    });
  }

  /** Give up an item that was set aside. Only a person decides this, never the outbox. */
  async discard(id: string): Promise<void> {
    await this.store.change<void>(["items"], async ({ items }) => {
      const item = (await answer(items.get(id))) as Item | undefined;
      if (item && item.person === this.person && item.state !== "waiting") items.delete(id);
      return {};
    });
    await this.tidy();
    this.tell();
  }

  /** Whether room for photos runs out: the share that is used, or undefined when all is well or nobody knows. */
  async nearlyFull(): Promise<number | undefined> {
    const manager = (globalThis.navigator as Navigator | undefined)?.storage as StorageManager | undefined;
    if (!manager?.estimate) return undefined;
    const { usage = 0, quota = 0 } = await manager.estimate();
    const full = quota > 0 && (usage / quota > NOT_NEAR || quota - usage < LEAST_ROOM);
    return full ? usage / quota : undefined;
  }

  // ---- one round

  private async round(): Promise<Round> {
    const waiting = (await this.items()).filter((item) => item.state === "waiting");
    if (!waiting.length) {
      await this.tidy();
      return "nothing";
    }
    this.tell();
    try {
      const there = await this.uploadAll(waiting);
      const ready = (await this.items()).filter((i) => i.state === "waiting" && i.photos.every((p) => there.has(p.hash)));
      for (let start = 0; start < ready.length; start += BATCH) await this.send(ready.slice(start, start + BATCH));
      await this.tidy();
      return ready.length ? "sent" : "offline";
    } catch (error) {
      if (error instanceof LoginNeeded) return "login";
      if (error instanceof Unreachable || error instanceof Rejected) return "offline";
      throw error;
    }
  }

  /** Bring the photos over that the server does not have. Returns those it has then; a failed one is tried next time. */
  private async uploadAll(waiting: Item[]): Promise<Set<string>> {
    const wanted = [...new Set(waiting.flatMap((item) => item.photos.map((photo) => photo.hash)))];
    if (!wanted.length) return new Set();
    const there = new Set<string>();
    for (let start = 0; start < wanted.length; start += 100) {
      for (const hash of await this.transport.known(wanted.slice(start, start + 100))) there.add(hash);
    }
    let failed = 0;
    for (const hash of wanted) {
      if (there.has(hash) || failed >= 2) continue; // the line is down, not the photo
      const photo = await this.store.photo(hash);
      try {
        if (!photo) throw new Rejected("photo_lost", "", false);
        await this.transport.upload(photo);
        there.add(hash);
        failed = 0;
      } catch (error) {
        if (error instanceof Rejected && !error.fault) await this.setAside(waiting, hash, error);
        else if (error instanceof Unreachable || error instanceof Rejected) failed += 1;
        else throw error;
      }
    }
    return there;
  }

  private async setAside(waiting: Item[], hash: string, error: Rejected): Promise<void> {
    for (const item of waiting.filter((one) => one.photos.some((photo) => photo.hash === hash))) {
      await this.settle({ id: item.id, seq: item.seq, status: "refused", code: error.code, detail: error.message });
    }
  }

  /** Send some items. What the server cannot take together it gets in halves, so that one bad item is found alone. */
  private async send(items: Item[]): Promise<void> {
    const first = items[0];
    if (!first) return;
    try {
      const { items: answers } = await this.transport.send(batchOf(first, items));
      for (const one of answers) await this.settle(one);
      await this.store.keep(`sent:${this.person}`, Date.now());
      this.tell();
    } catch (error) {
      if (!(error instanceof Rejected)) throw error;
      if (items.length > 1) {
        const half = Math.ceil(items.length / 2);
        await this.send(items.slice(0, half));
        await this.send(items.slice(half));
      } else if (!error.fault || first.faults + 1 >= FAULTS) {
        await this.settle({ id: first.id, seq: first.seq, status: "refused", code: error.code, detail: error.message });
      } else {
        await this.amend(first.id, (item) => ({ ...item, faults: item.faults + 1 }));
      }
    }
  }

  /** Write down what the server said to an item; one that waits for another simply waits on. */
  private async settle(said: Answer): Promise<void> {
    if (said.status === "waiting") return;
    const state = said.status === "accepted" || said.status === "replayed" ? "sent" : said.status;
    await this.amend(said.id, (item) => ({ ...item, state, answer: said, answered_at: Date.now() }));
  }

  private async amend(id: string, change: (item: Item) => Item): Promise<void> {
    await this.store.change<void>(["items"], async ({ items }) => {
      const item = (await answer(items.get(id))) as Item | undefined;
      if (item && item.person === this.person) items.put(change(item));
      return {};
    });
    this.tell();
  }

  /** Forget items that arrived some days ago, and photos that nothing needs any more. */
  private async tidy(): Promise<void> {
    await this.store.change<void>(["items", "photos"], async ({ items, photos }) => {
      const all = (await answer(items.getAll())) as Item[];
      const needed = new Set<string>();
      for (const item of all) {
        if (item.state === "sent" && (item.answered_at ?? 0) < Date.now() - KEPT) items.delete(item.id);
        else if (item.state !== "sent") for (const photo of item.photos) needed.add(photo.hash);
      }
      for (const hash of (await answer(photos.getAllKeys())) as string[]) if (!needed.has(hash)) photos.delete(hash);
      return {};
    });
  }

  private async alone(work: () => Promise<Round>): Promise<Round> {
    const locks = (globalThis.navigator as Navigator | undefined)?.locks as LockManager | undefined;
    if (!locks) return work(); // twice at once is wasteful, and harmless: the ids are the same
    return locks.request("gewu-outbox", { ifAvailable: true }, (lock) => (lock ? work() : ("nothing" as Round)));
  }

  private tell(): void {
    for (const watcher of this.watchers) watcher();
  }
}

function lastOn(record: string, items: Item[], person: string): Item | undefined {
  return items
    .filter((item) => item.person === person && item.state === "waiting" && item.body.case === record)
    .sort((a, b) => b.seq - a.seq)[0];
}

function batchOf(first: Item, items: Item[]): Batch {
  return {
    device: first.device,
    person: first.person,
    items: items.map(({ id, seq, kind, photos, body, made_at, after }) => ({
      id, seq, kind, photos, body, made_at: new Date(made_at).toISOString(), ...(after ? { after } : {}),
    })),
  };
}
