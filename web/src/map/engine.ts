// The live map of one element of a page: the district, what the page wants to see on it, and a press that sets a place.
import library from "maplibre-gl/dist/maplibre-gl-csp.js";
import worker from "maplibre-gl/dist/maplibre-gl-csp-worker.js?url";
import type * as GeoJSON from "geojson";
import type { Map as Plan, MapMouseEvent, Marker } from "maplibre-gl";
import { boundsOf, cellsOf, numbers, pointsOf, readPoints, streetsIn, type Bounds, type Description, type PointFacts, type Points, type Shapes } from "./contract.ts";
import { icon, isDark, make, middle, one, read } from "./parts.ts";
import { addSigns, colours, EMPTY, GRIDS, namesOf, put, RANKS, styleOf } from "./paint.ts";

library.setWorkerUrl(worker);
library.setWorkerCount(1);

const NEAR = 15.5;
/** Photos instead of signs, from this zoom on and while there are so few of them. */
const PHOTOS = { zoom: 17, most: 12 };
const LISTED = 200;

export interface Shown { lon?: number; lat?: number; place?: string; zoom?: number; bounds?: Bounds }

export class DistrictMap {
  readonly plan: Plan;
  private readonly figure: HTMLElement;
  private readonly about: Description;
  private readonly language: "zh" | "en";
  private readonly data: Record<string, GeoJSON.FeatureCollection> = {};
  private readonly grids = new Map<string, Shapes>();
  private outline: Shapes | undefined;
  private fill: string[];
  private points: Points = { type: "FeatureCollection", features: [] };
  private photos: Marker[] = [];
  private asked = 0;
  private readonly card: HTMLElement;
  private readonly list: HTMLDetailsElement | undefined;

  constructor(figure: HTMLElement, about: Description) {
    this.figure = figure;
    this.about = about;
    this.language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
    this.fill = (figure.dataset["place"] ?? "").split(" ").filter(Boolean);
    const canvas = make("div", "map-canvas");
    this.card = make("div", "map-card");
    this.card.setAttribute("role", "status");
    figure.prepend(canvas, this.tools(), this.card);
    const bounds = this.room();
    this.plan = new library.Map({
      container: canvas, style: this.style(), bounds: this.start(), fitBoundsOptions: { padding: 16, maxZoom: 17 }, maxBounds: bounds, maxZoom: 19,
      attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false, fadeDuration: 0,
      cooperativeGestures: figure.dataset["gestures"] !== "free", localIdeographFontFamily: "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif",
      locale: { "Map.Title": figure.dataset["label"] || about.words["map"] || "", "CooperativeGesturesHandler.WindowsHelpText": about.words["wheel"] ?? "",
        "CooperativeGesturesHandler.MacHelpText": about.words["wheel_mac"] ?? "", "CooperativeGesturesHandler.MobileHelpText": about.words["fingers"] ?? "" },
    });
    this.plan.touchZoomRotate.disableRotation();
    this.plan.keyboard.disableRotation();
    addSigns(this.plan, colours());
    // A tile that does not come leaves the polygons; it is no fault of the page.
    this.plan.on("error", () => undefined);
    this.plan.on("click", (event) => this.pressed(event));
    this.plan.on("moveend", () => void this.moved());
    for (const layer of ["points", "cells"]) {
      this.plan.on("mouseenter", layer, () => { this.plan.getCanvas().style.cursor = "pointer"; });
      this.plan.on("mouseleave", layer, () => { this.plan.getCanvas().style.cursor = ""; });
    }
    this.plan.getCanvas().addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !this.picks) return;
      const { lng, lat } = this.plan.getCenter();
      this.pick(lng, lat);
      event.preventDefault();
    });
    if (this.picks) canvas.append(make("div", "map-cross"));
    this.list = figure.dataset["list"] === "none" ? undefined : this.makeList();
    this.watch();
    figure.append(...this.notes());
    figure.addEventListener("map:show", (event) => this.show((event as CustomEvent<Shown>).detail));
    const point = numbers(figure.dataset["point"], 2);
    if (point) this.pin(point[0]!, point[1]!);
    if (this.picks) this.say(about.words["press"] ?? "");
  }

  /** Load what the map shows. Resolves when it is drawn; what does not come is left out. */
  async fillIn(): Promise<void> {
    const ready = new Promise<void>((done) => { void this.plan.once("load", () => done()); });
    const shapes = Promise.all([this.shapes("outline"), this.shapes("communities")]);
    await ready;
    this.figure.dataset["state"] = "live";
    this.plan.resize();
    const [outline, communities] = await shapes;
    this.outline = outline;
    for (const [name, found] of [["outline", outline], ["communities", communities]] as const) {
      if (!found) continue;
      this.give(name, found as unknown as GeoJSON.FeatureCollection);
      this.give(`${name}-names`, namesOf(found));
    }
    await this.moved(true);
    this.figure.dataset["ready"] = "1";
    this.figure.dispatchEvent(new CustomEvent("map:ready", { bubbles: true }));
  }

  /** Show another place or point: the element's `map:show` event leads here, too. */
  show(wanted: Shown): void {
    if (wanted.place !== undefined) {
      this.fill = wanted.place.split(" ").filter(Boolean);
      this.restyle();
    }
    if (wanted.lon !== undefined && wanted.lat !== undefined) {
      this.pin(wanted.lon, wanted.lat);
      this.plan.easeTo({ center: [wanted.lon, wanted.lat], zoom: wanted.zoom ?? Math.max(this.plan.getZoom(), NEAR) });
    } else {
      this.give("pin", EMPTY);
      const bounds = wanted.bounds ?? this.boundsOfPlace(this.fill[0]) ?? this.boundsOfPlace(this.fill[0]?.slice(0, 12));
      if (bounds) this.plan.fitBounds(bounds, { padding: 24, maxZoom: 17 });
    }
  }

  /** Give the map its points: from an address of the page, or from a page that has them already. */
  take(points: Points, fit = false): void {
    this.points = points;
    const cells = cellsOf(points);
    const most = Math.max(1, ...cells.map(({ properties }) => properties.n));
    this.give("cells", { type: "FeatureCollection", features: cells.map((one) => ({ ...one, properties: { share: one.properties.n / most } })) });
    this.give("cells-names", { type: "FeatureCollection", features: cells.map((one) => ({ type: "Feature", geometry: { type: "Point", coordinates: middle(one.geometry.coordinates[0] ?? []) }, properties: { said: String(one.properties.n) } })) });
    this.give("points", { type: "FeatureCollection", features: pointsOf(points).map((one, number) => {
      const state = one.properties.state ?? "stand";
      return { type: "Feature", geometry: one.geometry, properties: { sign: state, rank: RANKS[state], number } };
    }) });
    if (this.list) this.fillList(this.list);
    const bounds = fit ? boundsOf(points.features) : undefined;
    if (bounds) this.plan.fitBounds(bounds, { padding: 40, maxZoom: NEAR, animate: false });
    this.showPhotos();
  }

  /** Draw the reader's own position. It stays in this page. */
  self(lon: number, lat: number): void {
    this.give("self", one(lon, lat));
    this.plan.easeTo({ center: [lon, lat], zoom: Math.max(this.plan.getZoom(), 14) });
  }

  // ---- inside

  private get picks(): boolean {
    return this.figure.dataset["pick"] !== undefined;
  }

  private style() {
    return styleOf(this.about, colours(), this.language, this.fill, isDark());
  }

  private restyle(): void {
    this.plan.setStyle(this.style(), { diff: false });
    void this.plan.once("styledata", () => {
      addSigns(this.plan, colours());
      for (const [name, data] of Object.entries(this.data)) put(this.plan, name, data);
    });
  }

  private give(source: string, data: GeoJSON.FeatureCollection): void {
    this.data[source] = data;
    put(this.plan, source, data);
  }

  private pin(lon: number, lat: number): void {
    const data = one(lon, lat);
    this.data["pin"] = data;
    if (this.plan.isStyleLoaded()) put(this.plan, "pin", data);
    else void this.plan.once("load", () => put(this.plan, "pin", data));
  }

  /** How far one may go: the district with a margin. */
  private room(): Bounds {
    const [west, south, east, north] = this.about.bounds;
    const across = (east - west) * 0.6 + 0.02;
    const up = (north - south) * 0.6 + 0.02;
    return [west - across, south - up, east + across, north + up];
  }

  private start(): Bounds {
    const point = numbers(this.figure.dataset["point"], 2);
    const view = numbers(this.figure.dataset["bounds"], 4);
    if (point) return [point[0]! - 0.012, point[1]! - 0.008, point[0]! + 0.012, point[1]! + 0.008];
    return (view as Bounds | undefined) ?? this.about.bounds;
  }

  private boundsOfPlace(code: string | undefined): Bounds | undefined {
    const found = [this.data["outline"], this.data["communities"], ...this.grids.values()].flatMap((part) => (part as Shapes | undefined)?.features ?? []);
    const shape = found.find(({ properties }) => properties.c === code);
    if (!shape) return undefined;
    const rings = shape.geometry.type === "Polygon" ? [shape.geometry.coordinates] : (shape.geometry.coordinates as unknown[]);
    return boundsOf(rings.map((polygon) => ({ type: "Feature", geometry: { type: "Polygon", coordinates: polygon as Array<Array<[number, number]>> }, properties: { n: 0 } })));
  }

  private async shapes(name: "outline" | "communities"): Promise<Shapes | undefined> {
    return read<Shapes>(this.about.shapes[name]);
  }

  private async moved(first = false): Promise<void> {
    this.showPhotos();
    await Promise.all([this.moveGrids(), this.movePoints(first)]);
  }

  private seen(): Bounds {
    const found = this.plan.getBounds();
    return [found.getWest(), found.getSouth(), found.getEast(), found.getNorth()];
  }

  private async moveGrids(): Promise<void> {
    if (!this.outline || !this.about.shapes.grids || this.plan.getZoom() < GRIDS - 0.3) return;
    const wanted = streetsIn(this.outline, this.seen()).filter((code) => !this.grids.has(code));
    for (const code of wanted) this.grids.set(code, { type: "FeatureCollection", features: [] });
    const found = await Promise.all(wanted.map(async (code) => [code, await read<Shapes>(this.about.shapes.grids.replace("{street}", code))] as const));
    for (const [code, shapes] of found) if (shapes) this.grids.set(code, shapes); else this.grids.delete(code);
    if (wanted.length) this.give("grids", { type: "FeatureCollection", features: [...this.grids.values()].flatMap(({ features }) => features as unknown as GeoJSON.Feature[]) });
  }

  private async movePoints(first: boolean): Promise<void> {
    const address = this.figure.dataset["points"];
    const live = this.figure.dataset["live"] !== undefined;
    if (!address || (!first && !live)) return;
    const url = new URL(address, location.href);
    if (live) {
      url.searchParams.set("bbox", this.seen().map((edge) => edge.toFixed(6)).join(","));
      url.searchParams.set("zoom", this.plan.getZoom().toFixed(1));
    }
    const mine = ++this.asked;
    const found = await read<unknown>(url.href);
    if (mine !== this.asked) return;
    if (found === undefined) this.say(this.about.words["not_loaded"] ?? "");
    else this.take(readPoints(found), first && !live && !this.figure.dataset["point"] && !this.figure.dataset["bounds"]);
  }

  private pressed(event: MapMouseEvent): void {
    const { x, y } = event.point;
    const found = this.plan.queryRenderedFeatures([[x - 8, y - 8], [x + 8, y + 8]], { layers: ["points"] });
    const facts = [...new Set(found.map(({ properties }) => Number(properties["number"])))].map((number) => pointsOf(this.points)[number]?.properties).filter((one): one is PointFacts => Boolean(one));
    if (facts.length) {
      this.tell(facts);
      return;
    }
    const cell = this.plan.queryRenderedFeatures(event.point, { layers: ["cells"] })[0];
    if (cell && !this.picks) this.plan.easeTo({ center: event.lngLat, zoom: this.plan.getZoom() + 2 });
    else if (this.picks) this.pick(event.lngLat.lng, event.lngLat.lat);
    else this.card.replaceChildren();
  }

  private tell(facts: PointFacts[]): void {
    const shown = facts.slice(0, 6).map((fact) => this.line(fact));
    this.card.replaceChildren(...shown);
    if (facts.length > shown.length) this.card.append(make("p", "muted", (this.about.words["more_here"] ?? "").replace("{n}", String(facts.length - shown.length))));
  }

  private line(fact: PointFacts): HTMLElement {
    const held = make("p", "");
    if (fact.href) {
      const link = document.createElement("a");
      link.href = fact.href;
      link.textContent = fact.title;
      held.append(link);
    } else held.append(make("strong", "", fact.title));
    const said = [fact.line, fact.state && this.about.words[`state_${fact.state}`]].filter(Boolean).join(" · ");
    if (said) held.append(" ", make("span", "muted", said));
    return held;
  }

  private say(text: string): void {
    this.card.replaceChildren(make("p", "muted", text));
  }

  private pick(lon: number, lat: number): void {
    const at = { lon: Number(lon.toFixed(6)), lat: Number(lat.toFixed(6)) };
    this.pin(at.lon, at.lat);
    for (const [name, value] of [["lon", at.lon], ["lat", at.lat]] as const) {
      const wanted = this.figure.dataset[name];
      const input = wanted ? document.querySelector<HTMLInputElement>(wanted) : null;
      if (input) input.value = value.toFixed(6);
    }
    this.say((this.about.words["taken"] ?? "").replace("{at}", `${at.lat.toFixed(5)}, ${at.lon.toFixed(5)}`));
    // From afar a press is rough: the map comes nearer, so that it can be set right by another one.
    if (this.plan.getZoom() < GRIDS) this.plan.easeTo({ center: [at.lon, at.lat], zoom: GRIDS + 0.7 });
    this.figure.dispatchEvent(new CustomEvent("map:pick", { bubbles: true, detail: at }));
  }

  private tools(): HTMLElement {
    const held = make("div", "map-tools-live");
    const button = (name: string, sign: string, work: () => void): void => {
      const made = document.createElement("button");
      made.type = "button";
      made.title = this.about.words[name] ?? name;
      made.setAttribute("aria-label", made.title);
      made.append(icon(sign));
      made.addEventListener("click", work);
      held.append(made);
    };
    button("nearer", "M2 8h12M8 2v12", () => this.plan.zoomIn());
    button("farther", "M2 8h12", () => this.plan.zoomOut());
    button("whole", "M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4", () => this.plan.fitBounds(this.about.bounds, { padding: 16 }));
    if (this.figure.dataset["self"] !== undefined && "geolocation" in navigator)
      button("self", "M8 0v4M8 12v4M0 8h4M12 8h4M8 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", () => navigator.geolocation.getCurrentPosition(
        ({ coords }) => this.self(coords.longitude, coords.latitude),
        () => this.say(this.about.words["no_self"] ?? ""), { enableHighAccuracy: true, timeout: 15000 }));
    return held;
  }

  private notes(): HTMLElement[] {
    return this.about.notes.length ? [make("p", "map-notes", this.about.notes.join(" · "))] : [];
  }

  private makeList(): HTMLDetailsElement {
    const list = document.createElement("details");
    list.className = "map-list";
    list.hidden = true;
    this.figure.append(list);
    return list;
  }

  /** The same as text: nobody needs the drawing to reach what is on it. */
  private fillList(list: HTMLDetailsElement): void {
    const points = pointsOf(this.points);
    const cells = cellsOf(this.points);
    const summary = make("summary", "", (this.about.words["list"] ?? "").replace("{n}", String(this.points.total ?? points.length)));
    const rows = make("ol", "plain");
    for (const { properties } of points.slice(0, LISTED)) {
      const row = document.createElement("li");
      row.append(...this.line(properties).childNodes);
      rows.append(row);
    }
    const more = this.points.more || points.length > LISTED ? [make("p", "muted", this.about.words["more"] ?? "")] : [];
    const far = cells.length ? [make("p", "muted", this.about.words["cells"] ?? "")] : [];
    list.replaceChildren(summary, ...far, rows, ...more);
    list.hidden = !points.length && !cells.length;
  }

  private showPhotos(): void {
    this.photos.forEach((marker) => marker.remove());
    this.photos = [];
    if (this.plan.getZoom() < PHOTOS.zoom) return;
    const [west, south, east, north] = this.seen();
    const near = pointsOf(this.points).filter(({ geometry: { coordinates: [lon, lat] }, properties }) => properties.photo && lon >= west && lon <= east && lat >= south && lat <= north);
    if (near.length > PHOTOS.most) return;
    for (const { geometry, properties } of near) {
      const held = document.createElement(properties.href ? "a" : "span");
      held.className = "map-photo";
      if (held instanceof HTMLAnchorElement) held.href = properties.href ?? "";
      const image = document.createElement("img");
      image.src = properties.photo ?? "";
      image.alt = properties.title;
      image.loading = "lazy";
      held.append(image);
      this.photos.push(new library.Marker({ element: held, anchor: "bottom", offset: [0, -12] }).setLngLat(geometry.coordinates).addTo(this.plan));
    }
  }

  /** Colours follow the page: its switch, and the system's wish. */
  private watch(): void {
    const again = (): void => this.restyle();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
    new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
    this.plan.getCanvas().addEventListener("webglcontextlost", () => { this.figure.dataset["state"] = "fallback"; });
    this.plan.getCanvas().addEventListener("webglcontextrestored", () => { this.figure.dataset["state"] = "live"; });
  }
}

/** Make the map of an element, as its attributes say (docs/maps.md). Undefined where the district's map does not come. */
export async function open(figure: HTMLElement): Promise<DistrictMap | undefined> {
  const about = await read<Description>(figure.dataset["district"] ?? "");
  if (!about) return undefined;
  const made = new DistrictMap(figure, about);
  await made.fillIn();
  return made;
}
