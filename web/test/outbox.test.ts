// The outbox against a server that behaves badly in every way a phone meets: nothing is lost, nothing blocks.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { Outbox, type Wish } from "../src/outbox/outbox.ts";
import { Store } from "../src/outbox/store.ts";
import {
  LoginNeeded, Rejected, StorageFull, Unreachable,
  type Answer, type Batch, type BatchAnswer, type Photo, type Transport,
} from "../src/outbox/types.ts";

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer;
const report = (about: string, ...photos: string[]): Wish => ({
  kind: "report", about, body: { form: { description: about } },
  photos: photos.map((text) => ({ bytes: bytes(text), type: "image/jpeg", role: "scene" as const })),
});
const onCase = (record: string, about: string): Wish => ({
  kind: "move", about, body: { form: {}, case: record, move: "add_note", version: 3 },
});

/** A server that remembers what it did by id, and fails as it is told. */
class Server implements Transport {
  photos = new Map<string, number>();
  done = new Map<string, string>();
  batches: Batch[] = [];
  poison = new Set<string>();
  crash = new Set<string>();
  conflicts = new Set<string>();
  failUploads = new Set<string>();
  lines: Array<"cut" | "swallow" | "logged out"> = [];

  async known(hashes: string[]): Promise<string[]> {
    return hashes.filter((hash) => this.photos.has(hash));
  }

  async upload(photo: Photo): Promise<void> {
    const text = new TextDecoder().decode(photo.bytes);
    if (this.failUploads.has(text)) throw new Unreachable("cut");
    if (text === "not a photo") throw new Rejected("not_a_photo", "The file is no photo.", false);
    this.photos.set(photo.hash, (this.photos.get(photo.hash) ?? 0) + 1);
  }

  async send(batch: Batch): Promise<BatchAnswer> {
    this.batches.push(batch);
    const line = this.lines.shift();
    if (line === "cut") throw new Unreachable("cut before it arrived");
    if (line === "logged out") throw new LoginNeeded("log in");
    const about = (item: Batch["items"][number]): string => String(item.body.form["description"] ?? item.id);
    if (batch.items.some((item) => this.crash.has(about(item)))) throw new Rejected("server", "fault", true);
    const items = batch.items.map((item): Answer => {
      const head = { id: item.id, seq: item.seq };
      if (this.done.has(item.id)) return { ...head, status: "replayed", number: this.done.get(item.id)! };
      if (item.after && batch.items.every((other) => other.id !== item.after) && !this.done.has(item.after)) return { ...head, status: "waiting" };
      if (this.poison.has(about(item))) return { ...head, status: "refused", code: "invalid", detail: "Too long." };
      if (item.body.version !== undefined && item.body.version < 7 && this.conflicts.has(item.id)) return { ...head, status: "conflict", version: 7 };
      this.done.set(item.id, `N${this.done.size + 1}`);
      return { ...head, status: "accepted", number: this.done.get(item.id)! };
    });
    if (line === "swallow") throw new Unreachable("cut before the answer came");
    return { items };
  }
}

let factory: IDBFactory;
let server: Server;
const open = async (person = "7"): Promise<Outbox> => new Outbox(await Store.open("test", factory), server, person);
const states = async (box: Outbox): Promise<string[]> => (await box.items()).map((item) => `${item.about}: ${item.state}`);

beforeEach(() => {
  factory = new IDBFactory();
  server = new Server();
});

test("what was kept outlives the page, has a sequence of its own, and goes out in order", async () => {
  const before = await open();
  for (const about of ["one", "two", "three"]) await before.add(report(about));
  before.store.close();
  const after = await open();
  assert.equal((await after.standing()).waiting, 3);
  assert.equal(await after.sync(), "sent");
  assert.deepEqual(server.batches[0]?.items.map((item) => [item.seq, item.body.form["description"]]), [[1, "one"], [2, "two"], [3, "three"]]);
  assert.deepEqual(await states(after), ["one: sent", "two: sent", "three: sent"]);
  const { waiting, last_sent } = await after.standing();
  assert.equal(waiting, 0);
  assert.ok(last_sent);
  await after.add(report("four"));
  assert.equal((await after.items())[3]?.seq, 4);
});

test("an answer that never came does nothing twice", async () => {
  const box = await open();
  await box.add(report("once"));
  server.lines = ["swallow"];
  assert.equal(await box.sync(), "offline");
  assert.deepEqual(await states(box), ["once: waiting"]);
  assert.equal(await box.sync(), "sent");
  assert.equal(server.done.size, 1);
  assert.equal((await box.items())[0]?.answer?.status, "replayed");
});

test("a poison item is set aside with its reason and the others go", async () => {
  const box = await open();
  for (const about of ["good", "poison", "also good"]) await box.add(report(about));
  server.poison.add("poison");
  await box.sync();
  assert.deepEqual(await states(box), ["good: sent", "poison: refused", "also good: sent"]);
  assert.equal((await box.items())[1]?.answer?.detail, "Too long.");
  const { waiting, aside } = await box.standing();
  assert.deepEqual([waiting, aside], [0, 1]);
});

test("an item over which the server falls is found by halving, tried three times and set aside", async () => {
  const box = await open();
  for (const about of ["a", "b", "crash", "d", "e"]) await box.add(report(about));
  server.crash.add("crash");
  await box.sync();
  assert.deepEqual(await states(box), ["a: sent", "b: sent", "crash: waiting", "d: sent", "e: sent"]);
  await box.sync();
  await box.sync();
  assert.equal((await states(box))[2], "crash: refused");
});

test("a photo that fails holds only its own item, and only the missing photo is sent again", async () => {
  const box = await open();
  await box.add(report("with two", "photo 1", "photo 2"));
  await box.add(report("without"));
  server.failUploads.add("photo 2");
  await box.sync();
  assert.deepEqual(await states(box), ["with two: waiting", "without: sent"]);
  server.failUploads.clear();
  await box.sync();
  assert.deepEqual(await states(box), ["with two: sent", "without: sent"]);
  assert.deepEqual([...server.photos.values()], [1, 1]);
});

test("the same photo in two items is kept once and sent once", async () => {
  const box = await open();
  await box.add(report("first", "same"));
  await box.add(report("second", "same"));
  assert.equal((await box.store.keys("photos")).length, 1);
  await box.sync();
  assert.deepEqual([...server.photos.values()], [1]);
  assert.deepEqual(server.batches[0]?.items.map((item) => item.photos[0]?.hash), Array(2).fill([...server.photos.keys()][0]));
  assert.deepEqual(await box.store.keys("photos"), []);
});

test("a file that is no photo sets its item aside", async () => {
  const box = await open();
  await box.add(report("bad file", "not a photo"));
  await box.add(report("fine", "photo"));
  await box.sync();
  assert.deepEqual(await states(box), ["bad file: refused", "fine: sent"]);
  assert.equal((await box.store.keys("photos")).length, 1, "its bytes stay until a person gives the item up");
});

test("steps on one case wait for each other; cases do not", async () => {
  const box = await open();
  const first = await box.add(onCase("case 1", "first"));
  const other = await box.add(onCase("case 2", "other"));
  const second = await box.add(onCase("case 1", "second"));
  assert.equal(first.after, undefined);
  assert.equal(other.after, undefined);
  assert.equal(second.after, first.id);
});

test("a conflict is shown, and goes out against the present version when a person says so", async () => {
  const box = await open();
  const item = await box.add(onCase("case 1", "verify"));
  server.conflicts.add(item.id);
  await box.sync();
  assert.deepEqual(await states(box), ["verify: conflict"]);
  await box.sync();
  assert.deepEqual(await states(box), ["verify: conflict"], "nothing goes out by itself");
  await box.again(item.id);
  await box.sync();
  assert.deepEqual(await states(box), ["verify: sent"]);
  assert.equal(server.batches.at(-1)?.items[0]?.body.version, 7);
  assert.equal(server.batches.at(-1)?.items[0]?.id, item.id);
});

test("what another person made on this phone is neither shown nor sent, but counted", async () => {
  const first = await open("7");
  await first.add(report("of seven"));
  first.store.close();
  const second = await open("8");
  await second.add(report("of eight"));
  assert.deepEqual(await states(second), ["of eight: waiting"]);
  assert.equal((await second.standing()).others, 1);
  await second.sync();
  assert.deepEqual(server.batches.flatMap((batch) => batch.items.map((item) => item.body.form["description"])), ["of eight"]);
  assert.equal((await second.items())[0]?.seq, 1, "each person has a sequence of their own");
});

test("without a login everything stays", async () => {
  const box = await open();
  await box.add(report("kept"));
  server.lines = ["logged out"];
  assert.equal(await box.sync(), "login");
  assert.deepEqual(await states(box), ["kept: waiting"]);
});

test("an item is given up only by a person, and never while it waits", async () => {
  const box = await open();
  const item = await box.add(report("poison", "photo"));
  await box.discard(item.id);
  assert.equal((await box.items()).length, 1);
  server.poison.add("poison");
  await box.sync();
  await box.discard(item.id);
  assert.deepEqual(await states(box), []);
  assert.deepEqual(await box.store.keys("photos"), []);
});

test("many items go in batches", async () => {
  const box = await open();
  for (let n = 0; n < 45; n++) await box.add(report(`item ${n}`));
  await box.sync();
  assert.deepEqual(server.batches.map((batch) => batch.items.length), [20, 20, 5]);
});

test("two rounds at once are one", async () => {
  const box = await open();
  await box.add(report("one"));
  await Promise.all([box.sync(), box.sync()]);
  assert.equal(server.batches.length, 1);
});

test("a browser without room says so, keeps nothing half and gives nothing up", async () => {
  const box = await open();
  await box.add(report("kept", "photo"));
  const put = IDBObjectStorePrototype().put;
  IDBObjectStorePrototype().put = function (this: IDBObjectStore, value: { about?: string }, ...rest: [IDBValidKey?]) {
    if (value.about === "too much") throw new DOMException("full", "QuotaExceededError");
    return put.call(this, value, ...rest);
  } as typeof put;
  try {
    await assert.rejects(box.add(report("too much", "another photo")), StorageFull);
  } finally {
    IDBObjectStorePrototype().put = put;
  }
  assert.deepEqual(await states(box), ["kept: waiting"]);
  assert.equal((await box.store.keys("photos")).length, 1);
  assert.equal((await box.add(report("next"))).seq, 2);
});

function IDBObjectStorePrototype(): IDBObjectStore {
  return (globalThis as unknown as { IDBObjectStore: { prototype: IDBObjectStore } }).IDBObjectStore.prototype;
}
