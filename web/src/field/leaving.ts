// Logging out: what waits stays and is told, what was only looked at goes.
import type { Outbox } from "../outbox/outbox.ts";
import { w } from "./dom.ts";
import type { Day } from "./model.ts";
import type { Pictures } from "./pictures.ts";
import type { Status } from "./status.ts";

/** So long a log-out waits for what can still be sent, in milliseconds. */
const PATIENCE = 8000;

/** Send what waits, and ask where something would stay behind. Without a line nobody can be logged out: that is said. */
export async function mayLeave(box: Outbox, status: Status): Promise<boolean> {
  if (!navigator.onLine) {
    window.alert(w("leave_offline"));
    return false;
  }
  if ((await box.standing()).waiting) await Promise.race([status.send(), new Promise((done) => { setTimeout(done, PATIENCE); })]);
  const { waiting, aside } = await box.standing();
  return waiting + aside === 0 || window.confirm(w("leave_sure", { n: waiting + aside }));
}

/** Forget the day, its pictures and the kept page. Whatever was done and has not arrived stays in the outbox. */
export async function tidyAway(day: Day, pictures: Pictures): Promise<void> {
  try {
    await day.forget();
    await pictures.forget();
    const kept = (globalThis as { caches?: CacheStorage }).caches;
    for (const name of (await kept?.keys()) ?? []) if (name.startsWith("field-")) await (await kept?.open(name))?.delete("/field/");
  } catch (error) {
    console.error(error); // a fault here must not keep anybody logged in
  }
}
