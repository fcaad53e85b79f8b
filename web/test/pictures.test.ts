// Pictures of tasks: kept for when there is no line, bounded, and nobody's but the person's who works with the phone.
import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { reasonOf } from "../src/field/faults.ts";
import { Day, type Task } from "../src/field/model.ts";
import { Pictures } from "../src/field/pictures.ts";
import type { Http } from "../src/outbox/http.ts";
import { Outbox } from "../src/outbox/outbox.ts";
import { Store } from "../src/outbox/store.ts";
import { StorageFull, StorageHeld, StorageRefused, Unreachable, type Transport } from "../src/outbox/types.ts";

const task = (...photos: string[]): Task => ({
  id: photos.join(), number: "", version: 1, stage: { code: "", name: "" }, parts: [], category: "", place: "", words: "", urgent: false,
  lon: null, lat: null, clock: "", due_at: null, warns_at: null, photos, moves: [], presence: false,
});

/** A server with pictures of ten bytes; `gone` ones are not to be seen, and the line may be cut. */
class Server {
  asked: string[] = [];
  gone = new Set<string>();
  cut = false;

  async picture(address: string): Promise<{ bytes: ArrayBuffer; type: string } | undefined> {
    const id = address.split("/")[3] ?? "";
    this.asked.push(id);
    if (this.cut) throw new Unreachable("cut");
    return this.gone.has(id) ? undefined : { bytes: new TextEncoder().encode(id.padEnd(10)).buffer as ArrayBuffer, type: "image/jpeg" };
  }
}

let factory: IDBFactory;
let server: Server;
const store = (): Promise<Store> => Store.open("test", factory);
const pictures = async (person = "7", most = 1000): Promise<Pictures> => new Pictures(await store(), server, person, most);
const kept = async (of: Pictures, ...ids: string[]): Promise<string[]> => {
  const found = await Promise.all(ids.map(async (id) => ((await of.kept(id)) ? id : "")));
  return found.filter(Boolean);
};

beforeEach(() => {
  factory = new IDBFactory();
  server = new Server();
});

test("a task's pictures are kept, asked for once, and dropped when the task is gone", async () => {
  const own = await pictures();
  await own.keep([task("a", "b"), task("c")]);
  assert.deepEqual(await kept(own, "a", "b", "c"), ["a", "b", "c"]);
  assert.equal((await (await own.kept("a"))?.text())?.trim(), "a");
  await own.keep([task("c", "d")]);
  assert.deepEqual(server.asked, ["a", "b", "c", "d"]);
  assert.deepEqual(await kept(await pictures(), "a", "b", "c", "d"), ["c", "d"]);
});

test("all together stay within their bounds, and the most urgent are there", async () => {
  const own = await pictures("7", 30);
  await own.keep([task("a"), task("b"), task("c"), task("d")]);
  assert.deepEqual(await kept(own, "a", "b", "c", "d"), ["a", "b", "c"]);
  await own.keep([task("new"), task("a"), task("b"), task("c"), task("d")]);
  assert.deepEqual(await kept(own, "new", "a", "b", "c", "d"), ["new", "a", "b"]);
});

test("what may not be seen is not kept, and a line that breaks takes nothing away", async () => {
  server.gone.add("b");
  const own = await pictures();
  await own.keep([task("a", "b", "c")]);
  server.cut = true;
  await own.keep([task("a", "b", "c", "d")]);
  assert.deepEqual(await kept(own, "a", "b", "c", "d"), ["a", "c"]);
  server.cut = false;
  await own.keep([task("a", "d")], true);
  assert.deepEqual(await kept(own, "a", "c", "d"), ["a"], "spare: nothing is loaded, and what is gone is dropped");
});

test("another person sees none of them and sweeps them out, with the day of whoever went before", async () => {
  const first = await pictures("7");
  await first.keep([task("a")]);
  const kit = await store();
  await kit.keep("today:7:en", { tasks: [] });
  await kit.keep("today:8:zh", { tasks: [] });
  const second = await pictures("8");
  assert.deepEqual(await kept(second, "a"), []);
  await new Day(kit, {} as Http, "8", "zh").recall();
  await second.keep([]);
  assert.deepEqual(await kept(first, "a"), []);
  assert.deepEqual((await kit.keys("facts")).filter((key) => key.startsWith("today:")), ["today:8:zh"]);
  assert.deepEqual(await kit.keys("pictures"), []);
});

test("after the log-out nothing is left, also of what was on its way", async () => {
  const own = await pictures();
  const slow = own.keep([task("a", "b", "c")]);
  await own.forget();
  await slow;
  assert.deepEqual(await (await store()).keys("pictures"), []);
});

test("a day that is on its way while somebody logs out is kept nowhere, in no language", async () => {
  const kit = await store();
  await kit.keep("today:7:en", { tasks: [] });
  await kit.keep("catalogue:7:zh", { at: Date.now(), value: { categories: [], standards: [], places: [] } });
  let arrive = (_day: object): void => undefined;
  const line = { read: () => new Promise((resolve) => { arrive = resolve; }) } as unknown as Http;
  const day = new Day(kit, line, "7", "zh");
  const loading = day.refresh();
  await day.forget();
  arrive({ tasks: [task("a")] });
  assert.equal(await loading, false);
  assert.equal(day.fault?.kind, "login");
  assert.deepEqual(await kit.keys("facts"), ["catalogue:7:zh"]);
});

test("what was done outside takes the room of pictures, and of nothing else", async () => {
  const own = await pictures();
  await own.keep([task("a")]);
  const kit = await store();
  const real = kit.change.bind(kit);
  kit.change = (async (names, work) => {
    if (names.includes("items") && (await kit.keys("pictures")).length) throw new StorageFull("no room");
    return real(names, work);
  }) as Store["change"];
  const box = new Outbox(kit, {} as Transport, "7");
  await box.add({ kind: "report", about: "kept", body: { form: {} } });
  assert.deepEqual((await box.items()).map(({ about }) => about), ["kept"]);
  assert.deepEqual(await kept(own, "a"), []);
});

test("a phone with an outbox of the version before keeps what waits there", async () => {
  await new Promise<void>((resolve, reject) => {
    const asked = factory.open("test", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("items", { keyPath: "id" });
      asked.result.createObjectStore("photos", { keyPath: "hash" });
      asked.result.createObjectStore("facts");
    };
    asked.onerror = reject;
    asked.onsuccess = () => {
      const change = asked.result.transaction("items", "readwrite");
      change.objectStore("items").put({ id: "1", person: "7", made_at: 1, seq: 1, state: "waiting", about: "of before" });
      change.oncomplete = () => { asked.result.close(); resolve(); };
    };
  });
  assert.deepEqual((await (await store()).items()).map(({ about }) => about), ["of before"]);
});

test("why a page does not start is told apart", async () => {
  const refusing = { open: () => { throw new DOMException("denied", "SecurityError"); } } as unknown as IDBFactory;
  await assert.rejects(Store.open("test", refusing), StorageRefused);
  const failing = (name: string): IDBFactory => ({
    open: () => {
      const asked = { error: new DOMException("told", name), onerror: () => undefined };
      queueMicrotask(() => asked.onerror());
      return asked;
    },
  }) as unknown as IDBFactory;
  await assert.rejects(Store.open("test", failing("InvalidStateError")), StorageRefused);
  await assert.rejects(Store.open("test", failing("QuotaExceededError")), StorageFull);
  await assert.rejects(Store.open("test", failing("VersionError")), StorageHeld);
  assert.deepEqual(reasonOf(new StorageRefused("SecurityError denied")), { reason: "refused", text: "SecurityError denied" });
  assert.equal(reasonOf(new StorageFull("x")).reason, "full");
  assert.equal(reasonOf(new StorageHeld("x")).reason, "held");
  assert.deepEqual(reasonOf(new TypeError("a is undefined")), { reason: "failed", text: "TypeError: a is undefined" });
});
