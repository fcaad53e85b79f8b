// The one line that says how the outbox stands, and the rhythm in which it sends.
import type { Outbox, Round } from "../outbox/outbox.ts";
import { clock, h, w } from "./dom.ts";

/** Seconds between attempts while something waits and the line is down; the last one again and again. */
const PAUSES = [5, 15, 60, 120];

export class Status {
  private readonly box: Outbox;
  private readonly line: HTMLElement;
  private readonly sent: () => void;
  private round: Round = "nothing";
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failed = 0;

  /** `line` is where it is said; `sent` is called when something went out. */
  constructor(box: Outbox, line: HTMLElement, sent: () => void) {
    this.box = box;
    this.line = line;
    this.sent = sent;
    box.onChange(() => void this.draw());
    window.addEventListener("online", () => this.anew());
    window.addEventListener("offline", () => void this.draw());
    window.addEventListener("pageshow", () => this.anew());
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") this.anew(); });
  }

  /** Something changed for the better: the next attempts come quickly again. */
  private anew(): void {
    this.failed = 0;
    void this.send();
  }

  /** Send what waits, and come back by itself as long as something does. */
  async send(): Promise<void> {
    clearTimeout(this.timer);
    try {
      this.round = await this.box.sync();
    } catch (error) {
      this.round = "offline"; // the store did not answer: what is in it stays
      console.error(error);
    }
    if (this.round === "sent") this.sent();
    const { waiting } = await this.box.standing();
    this.failed = this.round === "sent" || this.round === "nothing" ? 0 : this.failed + 1;
    if (waiting) {
      const pause = PAUSES[Math.min(Math.max(this.failed, 1), PAUSES.length) - 1] ?? 120;
      this.timer = setTimeout(() => void this.send(), pause * 1000);
    }
    await this.draw();
  }

  async draw(): Promise<void> {
    const { waiting, aside, others, sending, last_sent } = await this.box.standing();
    const parts: Array<Node | string> = [];
    const last = last_sent ? clock(new Date(last_sent)) : "";
    if (this.round === "login" && waiting) {
      parts.push(h("a", { href: `/desk/login?next=${encodeURIComponent(location.pathname)}` }, w("log_in_to_send", { n: waiting })));
    } else if (waiting) {
      parts.push(last ? w("waiting_last", { n: waiting, at: last }) : w("waiting", { n: waiting }));
      if (sending) parts.push(w("sending"));
      else if (!navigator.onLine || this.round === "offline") parts.push(w("no_line"));
    } else {
      parts.push(last ? w("all_sent", { at: last }) : w("nothing_waits"));
      if (!navigator.onLine) parts.push(w("no_line"));
    }
    if (aside) parts.push(h("strong", {}, w("aside", { n: aside })));
    if (others) parts.push(w("others", { n: others }));
    this.line.replaceChildren(...parts.flatMap((part, n) => (n ? [" · ", part] : [part])));
    this.line.dataset["state"] = aside ? "late" : waiting ? "soon" : "time";
    const full = await this.box.nearlyFull();
    const notice = document.getElementById("field-full");
    if (notice) {
      notice.hidden = full === undefined;
      if (full !== undefined) notice.textContent = w("nearly_full", { share: Math.round(full * 100) });
    }
  }
}
