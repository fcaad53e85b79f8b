// The field: what is to be done outside, and the outbox of what was done.
import { Http } from "../outbox/http.ts";
import { Outbox } from "../outbox/outbox.ts";
import { Store } from "../outbox/store.ts";

async function start(): Promise<void> {
  const person = document.documentElement.dataset["person"] ?? "";
  const box = new Outbox(await Store.open(), new Http(document.documentElement.lang), person);
  await box.sync();
}

void start();
