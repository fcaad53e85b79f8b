// Today's tasks on a map. MapLibre is loaded when somebody asks for it; the list stays, and is the same without it.
import type { DistrictMap } from "../map/engine.ts";
import type { PointFeature } from "../map/contract.ts";
import { drawsMaps } from "../map/webgl.ts";
import { h, w } from "./dom.ts";
import { stateOf, type Task } from "./model.ts";

export class TaskMap {
  private readonly address: string;
  private readonly places: string;
  private figure: HTMLElement | undefined;
  private made: Promise<DistrictMap | undefined> | undefined;
  private readonly note = h("p", { class: "muted", role: "status" });
  private able: boolean | undefined;
  private tasks: Task[] = [];

  constructor(address: string, places: string) {
    this.address = address;
    this.places = places;
  }

  /** The button that shows and hides the map; nothing where this browser draws none. */
  button(tasks: Task[]): HTMLElement | undefined {
    this.tasks = tasks;
    this.able ??= Boolean(this.address) && drawsMaps();
    if (!this.able) return undefined;
    return h("button", { type: "button", "aria-pressed": String(Boolean(this.figure && !this.figure.hidden)), onclick: (event) => this.toggle(event.currentTarget as HTMLElement) }, w("on_map"));
  }

  /** The map where it stands in the page: one and the same element, however often the list is drawn again. */
  element(tasks: Task[]): HTMLElement {
    this.tasks = tasks;
    this.figure ??= h("figure", { class: "live-map", "data-district": this.address, "data-place": this.places, "data-label": w("on_map"), "data-list": "none", "data-self": "", hidden: true });
    void this.made?.then((map) => map?.take({ type: "FeatureCollection", features: points(tasks) }));
    return h("div", {}, this.note, this.figure);
  }

  private toggle(button: HTMLElement): void {
    const figure = this.figure;
    if (!figure) return;
    figure.hidden = !figure.hidden;
    button.setAttribute("aria-pressed", String(!figure.hidden));
    this.note.textContent = "";
    if (!figure.hidden) this.made ??= this.load(figure);
  }

  private async load(figure: HTMLElement): Promise<DistrictMap | undefined> {
    this.note.textContent = w("map_loading");
    try {
      const { open } = await import("../map/engine.ts");
      const map = await open(figure);
      if (!map) throw new Error("the district's map did not come");
      map.take({ type: "FeatureCollection", features: points(this.tasks) }, true);
      this.note.textContent = "";
      return map;
    } catch (error) {
      // Without a line, and never opened before: said, and tried again at the next press.
      console.warn(error);
      figure.hidden = true;
      figure.replaceChildren();
      this.made = undefined;
      this.note.textContent = w("no_map");
      return undefined;
    }
  }
}

function points(tasks: Task[]): PointFeature[] {
  return tasks.flatMap((task) => (task.lon === null || task.lat === null ? [] : [{
    type: "Feature" as const, geometry: { type: "Point" as const, coordinates: [task.lon, task.lat] as [number, number] },
    properties: { title: task.category || task.words || task.number, line: task.place, href: `#task/${task.id}`, state: stateOf(task) } }]));
}
