// The field: what is to be done outside, and the outbox of what was done.
import { Http } from "../outbox/http.ts";
import { Outbox } from "../outbox/outbox.ts";
import { Store } from "../outbox/store.ts";
import { learn, w } from "./dom.ts";
import { cannotStart } from "./faults.ts";
import { mayLeave, tidyAway } from "./leaving.ts";
import { Day } from "./model.ts";
import { Pictures } from "./pictures.ts";
import { Screens } from "./screens.ts";
import { Status } from "./status.ts";

async function start(root: HTMLElement, line: HTMLElement): Promise<void> {
  const { person = "", language = "en" } = root.dataset;
  const http = new Http(language);
  const store = await Store.open();
  const box = new Outbox(store, http, person);
  const day = new Day(store, http, person, language);
  const pictures = new Pictures(store, http, person);
  await day.recall();

  const refresh = async (): Promise<void> => {
    const known = day.today !== undefined;
    const fresh = await day.refresh();
    await (known ? screens.redraw() : screens.go()); // an address that leads to a task waits for the first day
    if (fresh) void keepPictures(root, pictures, day, box);
  };
  const status = new Status(box, line, () => void refresh());
  const screens = new Screens(root, day, box, status, pictures, () => void refresh());
  box.onChange(() => { if (location.hash === "#outbox") void screens.redraw(); });
  window.addEventListener("hashchange", () => void screens.go());
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (!form.matches("[data-logout]")) return;
    event.preventDefault();
    void mayLeave(box, status).then(async (sure) => {
      if (!sure) return;
      await tidyAway(day, pictures);
      // The browser's "back" could show the page as it stood: it is read anew, and whoever is not logged in is asked to.
      window.addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); });
      form.submit();
    });
  });

  if (day.today) await screens.go();
  await refresh();
  root.dataset["ready"] = "1";
  await status.send();
  // Asked once something is worth keeping: a browser that is short of room then spares this page.
  const manager = navigator.storage as StorageManager | undefined;
  await manager?.persist?.().catch(() => undefined);
}

/** The pictures of the tasks, when the page stands: they never make it slower, and never take the last room. */
async function keepPictures(root: HTMLElement, pictures: Pictures, day: Day, box: Outbox): Promise<void> {
  const { saveData = false } = (navigator as { connection?: { saveData?: boolean } }).connection ?? {};
  const spare = saveData || (await box.nearlyFull()) !== undefined;
  await pictures.keep(day.today?.tasks ?? [], spare);
  root.dataset["pictures"] = "kept";
}

const root = document.getElementById("field");
const line = document.getElementById("field-line");
const spoken = document.getElementById("field-words");
if (root && line && spoken) {
  learn(JSON.parse(spoken.textContent ?? "{}") as Record<string, string>);
  start(root, line).catch((error: unknown) => {
    console.error(error);
    line.textContent = w("not_open");
    cannotStart(root, error);
  });
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/field/worker.js", { scope: "/field/" }).catch(() => undefined);
}
