// The field: what is to be done outside, and the outbox of what was done.
import { Http } from "../outbox/http.ts";
import { Outbox } from "../outbox/outbox.ts";
import { Store } from "../outbox/store.ts";
import { LoginNeeded, Rejected, Unreachable } from "../outbox/types.ts";
import { learn, w } from "./dom.ts";
import { Day } from "./model.ts";
import { Screens } from "./screens.ts";
import { Status } from "./status.ts";

async function start(root: HTMLElement, line: HTMLElement): Promise<void> {
  const { person = "", language = "en" } = root.dataset;
  const http = new Http(language);
  const store = await Store.open();
  const box = new Outbox(store, http, person);
  const day = new Day(store, http, person, language);
  await day.recall();

  const refresh = async (): Promise<void> => {
    try {
      await day.refresh();
      await screens.redraw();
    } catch (error) {
      if (!(error instanceof Unreachable || error instanceof LoginNeeded || error instanceof Rejected)) throw error;
    }
  };
  const status = new Status(box, line, () => void refresh());
  const screens = new Screens(root, day, box, status);
  box.onChange(() => { if (location.hash === "#outbox") void screens.redraw(); });
  window.addEventListener("hashchange", () => void screens.go());
  document.addEventListener("submit", (event) => {
    if ((event.target as HTMLElement).matches("[data-logout]")) void day.forget();
  });

  if (day.today) await screens.go();
  await refresh();
  if (!day.today) await screens.go();
  root.dataset["ready"] = "1";
  await status.send();
  // Asked once something is worth keeping: a browser that is short of room then spares this page.
  const manager = navigator.storage as StorageManager | undefined;
  if (manager?.persist) await manager.persist();
}

const root = document.getElementById("field");
const line = document.getElementById("field-line");
const spoken = document.getElementById("field-words");
if (root && line && spoken) {
  learn(JSON.parse(spoken.textContent ?? "{}") as Record<string, string>);
  start(root, line).catch((error: unknown) => {
    console.error(error);
    line.textContent = w("no_store");
  });
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/field/worker.js", { scope: "/field/" }).catch(() => undefined);
}
