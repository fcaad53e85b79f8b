// Why the page could not start, and what somebody can do about it: never one sentence for everything.
import { StorageFull, StorageHeld, StorageRefused } from "../outbox/types.ts";
import { h, show, w } from "./dom.ts";

export type Reason = "refused" | "full" | "held" | "failed";

/** Which of the reasons it is, and the words of the fault itself for whoever has to look for it. */
export function reasonOf(error: unknown): { reason: Reason; text: string } {
  const { name = "", message = "" } = (error ?? {}) as { name?: string; message?: string };
  const text = [name === "Error" ? "" : name, message].filter(Boolean).join(": ") || String(error);
  if (error instanceof StorageRefused) return { reason: "refused", text: message };
  if (error instanceof StorageFull) return { reason: "full", text: message };
  if (error instanceof StorageHeld) return { reason: "held", text: message };
  return { reason: "failed", text };
}

/** Say it in place of the page, with a way to try again and one round it. */
export function cannotStart(root: HTMLElement, error: unknown): void {
  const { reason, text } = reasonOf(error);
  show(root, w("start_fails"),
    h("p", { class: "notice notice-error", role: "alert", "data-reason": reason }, w(`start_${reason}`, { text })),
    h("div", { class: "actions" },
      h("button", { type: "button", class: "primary", onclick: () => location.reload() }, w("try_again")),
      h("a", { class: "button", href: "/desk/tasks" }, w("to_desk"))));
}
