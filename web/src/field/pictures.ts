// Pictures of the tasks, small, so that a place is found where there is no line. They come from the photos' own address,
// through its permissions; they are dropped when their task is gone, when somebody else uses the phone, at the log-out, and
// before anything that was done outside would find no room.
import type { Http } from "../outbox/http.ts";
import { answer, PICTURES, type Store } from "../outbox/store.ts";
import { LoginNeeded, StorageFull, Unreachable } from "../outbox/types.ts";
import type { Task } from "./model.ts";

/** Bytes of all pictures together: some hundreds, and little beside one photo of a camera. */
export const MOST = 8 * 1024 * 1024;

interface Held {
  person: string;
  /** The bytes of each picture that is kept. */
  sizes: Record<string, number>;
}

interface Picture {
  id: string;
  type: string;
  bytes: ArrayBuffer;
}

type Source = Pick<Http, "picture">;

export class Pictures {
  private readonly store: Store;
  private readonly http: Source;
  private readonly person: string;
  private readonly most: number;
  private wanted: string[] = [];
  private running: Promise<void> = Promise.resolve();

  constructor(store: Store, http: Source, person: string, most = MOST) {
    this.store = store;
    this.http = http;
    this.person = person;
    this.most = most;
  }

  /** Keep those of these tasks, the first tasks first, and drop all others. What cannot be had
   *  now comes another time; `spare` loads nothing. */
  keep(tasks: Task[], spare = false): Promise<void> {
    const wanted = [...new Set(tasks.flatMap(({ photos }) => photos))];
    this.wanted = wanted;
    const work = (): Promise<void> => this.work(wanted, spare);
    this.running = this.running.then(work, work);
    return this.running;
  }

  /** A picture as it is kept. */
  async kept(id: string): Promise<Blob | undefined> {
    if ((await this.store.fact<Held>(PICTURES))?.person !== this.person) return undefined;
    const found = await this.store.get<Picture>("pictures", id);
    return found && new Blob([found.bytes], { type: found.type });
  }

  async forget(): Promise<void> {
    this.wanted = [];
    await this.store.dropPictures();
  }

  private async work(wanted: string[], spare: boolean): Promise<void> {
    const held = await this.store.fact<Held>(PICTURES);
    if (held && held.person !== this.person) await this.store.dropPictures();
    await this.change(({ sizes }) => Object.keys(sizes).filter((id) => !wanted.includes(id)));
    if (spare) return;
    const { sizes } = await this.held();
    for (const id of wanted) {
      if (this.wanted !== wanted) return; // newer tasks came meanwhile, or somebody logged out
      if (id in sizes) continue;
      try {
        const found = await this.http.picture(`/desk/photos/${id}/thumb`);
        if (found && !(await this.add({ id, ...found }))) return;
      } catch (error) {
        if (error instanceof Unreachable || error instanceof LoginNeeded || error instanceof StorageFull) return;
        throw error;
      }
    }
  }

  private async held(): Promise<Held> {
    const held = await this.store.fact<Held>(PICTURES);
    return held?.person === this.person ? held : { person: this.person, sizes: {} };
  }

  /** Put one in; for a more urgent one the least urgent give way. False when there is no room for it. */
  private async add(picture: Picture): Promise<boolean> {
    let fits = false;
    await this.change(({ sizes }) => {
      const rank = this.wanted.indexOf(picture.id);
      let room = this.most - picture.bytes.byteLength - Object.values(sizes).reduce((sum, size) => sum + size, 0);
      const given: string[] = [];
      for (const id of this.wanted.slice(rank + 1).reverse()) {
        if (room >= 0) break;
        if (id in sizes) given.push(id);
        room += sizes[id] ?? 0;
      }
      fits = rank >= 0 && room >= 0;
      return fits ? given : [];
    }, () => (fits ? picture : undefined));
    return fits;
  }

  /** Drop some, and perhaps put one in, with the list of what is kept in one transaction. */
  private change(drop: (held: Held) => string[], put: () => Picture | undefined = () => undefined): Promise<void> {
    return this.store.change<void>(["pictures", "facts"], async ({ pictures, facts }) => {
      const found = (await answer(facts.get(PICTURES))) as Held | undefined;
      const sizes = found?.person === this.person ? { ...found.sizes } : {};
      for (const id of drop({ person: this.person, sizes })) {
        pictures.delete(id);
        delete sizes[id];
      }
      const made = put();
      if (made) {
        pictures.put(made);
        sizes[made.id] = made.bytes.byteLength;
      }
      facts.put({ person: this.person, sizes } satisfies Held, PICTURES);
      return {};
    });
  }
}
