// Where the outbox lies: IndexedDB, in four stores. Every change is one transaction: it is there whole, or not at all.
// Photos are kept as plain bytes, because some browsers inside messengers lose blobs.
import { StorageFull, StorageHeld, StorageRefused, type Item, type Photo } from "./types.ts";

/** 2: pictures of tasks beside what was done. */
const VERSION = 2;
/** items and photos: the outbox. facts: what is known of the day. pictures: of the tasks, given up when room is needed. */
/** The fact that says whose pictures are kept and how large each is. */
export const PICTURES = "pictures";
type Name = "items" | "photos" | "facts" | "pictures";

export class Store {
  private readonly db: IDBDatabase;

  private constructor(db: IDBDatabase) {
    this.db = db;
  }

  /** Throws `StorageRefused` where the browser keeps nothing, `StorageFull`, or `StorageHeld` by an older page. */
  static open(name = "gewu-field", factory?: IDBFactory): Promise<Store> {
    return new Promise((resolve, reject) => {
      let asked: IDBOpenDBRequest;
      try {
        // Some browsers have none, some throw at the mere question: they refuse as those do that answer with an error.
        asked = (factory ?? indexedDB).open(name, VERSION);
      } catch (error) {
        throw refused(error);
      }
      asked.onupgradeneeded = ({ oldVersion }) => {
        if (oldVersion < 1) {
          asked.result.createObjectStore("items", { keyPath: "id" });
          asked.result.createObjectStore("photos", { keyPath: "hash" });
          asked.result.createObjectStore("facts");
        }
        asked.result.createObjectStore("pictures", { keyPath: "id" });
      };
      asked.onsuccess = () => {
        // A newer page may want to change the stores: this one lets go and takes hold again when it is loaded anew.
        asked.result.onversionchange = () => asked.result.close();
        resolve(new Store(asked.result));
      };
      asked.onerror = () => reject(refused(asked.error));
      asked.onblocked = () => reject(new StorageHeld("an older page"));
    });
  }

  /** Run one transaction. `work` puts its requests at once; what it returns is read when all is written. */
  async change<T>(names: Name[], work: (stores: Record<Name, IDBObjectStore>) => { result?: T } | Promise<{ result?: T }>): Promise<T> {
    // Strict: written through to the disk before it counts, so that an empty battery takes nothing back.
    const transaction = this.db.transaction(names, "readwrite", { durability: "strict" });
    const stores = Object.fromEntries(names.map((n) => [n, transaction.objectStore(n)])) as Record<Name, IDBObjectStore>;
    const over = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(noRoom(transaction.error) ?? transaction.error ?? new Error("nothing was kept"));
    });
    over.catch(() => undefined);
    let held: { result?: T };
    try {
      held = await work(stores);
    } catch (error) {
      try { transaction.abort(); } catch { /* it is over already */ }
      throw noRoom(error) ?? error;
    }
    await over;
    return held.result as T;
  }

  get<T>(name: Name, key: string): Promise<T | undefined> {
    return answer<T | undefined>(this.db.transaction(name).objectStore(name).get(key));
  }

  keys(name: Name): Promise<string[]> {
    return answer(this.db.transaction(name).objectStore(name).getAllKeys()) as Promise<string[]>;
  }

  /** All items, in the order in which they were made. */
  async items(): Promise<Item[]> {
    const all = await answer<Item[]>(this.db.transaction("items").objectStore("items").getAll());
    return all.sort((a, b) => a.made_at - b.made_at || a.seq - b.seq);
  }

  photo(hash: string): Promise<Photo | undefined> {
    return this.get<Photo>("photos", hash);
  }

  async keep(key: string, value: unknown): Promise<void> {
    await this.change<void>(["facts"], ({ facts }) => { facts.put(value, key); return {}; });
  }

  fact<T>(key: string): Promise<T | undefined> {
    return this.get<T>("facts", key);
  }

  /** Give up the pictures of tasks: they can be had again, what was done outside cannot. */
  dropPictures(): Promise<void> {
    return this.change<void>(["pictures", "facts"], ({ pictures, facts }) => {
      pictures.clear();
      facts.delete(PICTURES);
      return {};
    });
  }

  close(): void {
    this.db.close();
  }
}

export function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("the outbox did not answer"));
  });
}

/** What opening met: no room, a page of another version, or a browser that keeps nothing. */
function refused(error: unknown): Error {
  const { name = "", message = "" } = (error ?? {}) as { name?: string; message?: string };
  return noRoom(error) ?? (name === "VersionError" ? new StorageHeld(message) : new StorageRefused(`${name} ${message}`.trim()));
}

function noRoom(error: unknown): StorageFull | undefined {
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  return name === "QuotaExceededError" ? new StorageFull("no room") : undefined;
}
