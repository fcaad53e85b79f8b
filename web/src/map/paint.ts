// How a map looks: the tokens of the page as a style of MapLibre, and the signs of points drawn here.
import type * as GeoJSON from "geojson";
import type { FilterSpecification, GeoJSONSource, LayerSpecification, Map as Plan, SourceSpecification, StyleSpecification } from "maplibre-gl";
import type { Description, Shapes, State } from "./contract.ts";

export type Colours = Record<"paper" | "surface" | "ink" | "ink-2" | "line" | "edge" | "accent" | "on-accent" | "time" | "soon" | "late" | "ended", string>;

const NAMES = ["paper", "surface", "ink", "ink-2", "line", "edge", "accent", "on-accent", "time", "soon", "late", "ended"] as const;
const FONT = ["PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"];
export const EMPTY = { type: "FeatureCollection" as const, features: [] };
/** From this zoom on communities, and from that one on grids are drawn. */
export const COMMUNITIES = 10.5;
export const GRIDS = 13.5;

/** The tokens as they hold on the page now. */
export function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim() || "#888888"])) as Colours;
}

/** The style of a map without its data: sources are filled when they have come. */
export function styleOf(about: Description, c: Colours, language: "zh" | "en", fill: string[], dark: boolean): StyleSpecification {
  const sources: Record<string, SourceSpecification> = {};
  for (const name of ["outline", "communities", "grids", "cells", "points", "pin", "self"]) sources[name] = { type: "geojson", data: EMPTY };
  const layers: LayerSpecification[] = [{ id: "paper", type: "background", paint: { "background-color": c.paper } }];
  about.tiles?.layers.forEach((address, number) => {
    sources[`tiles-${number}`] = {
      type: "raster", tiles: [new URL(address, location.href).href.replace(/%7B/g, "{").replace(/%7D/g, "}")],
      tileSize: about.tiles!.size, minzoom: about.tiles!.min, maxzoom: about.tiles!.max, bounds: about.bounds,
    };
    // The ground stays behind the work: paler by day, dimmed by night.
    layers.push({ id: `tiles-${number}`, type: "raster", source: `tiles-${number}`, paint: {
      "raster-saturation": -0.45, "raster-fade-duration": 0, "raster-opacity": dark ? 0.55 : 0.85, "raster-brightness-max": dark ? 0.75 : 1 } });
  });
  const bare = !about.tiles;
  if (bare) layers.push({ id: "land", type: "fill", source: "outline", filter: ["==", ["get", "k"], "district"], paint: { "fill-color": c.surface } });
  const hatch = (id: string, source: string, kind: string, from: number, to: number): LayerSpecification => ({
    id, type: "fill", source, minzoom: from, maxzoom: to, filter: ["all", ["==", ["get", "k"], kind], ["==", ["get", "g"], 1]], paint: { "fill-pattern": "hatch", "fill-opacity": bare ? 0.9 : 0.4 } });
  const line = (id: string, source: string, kind: string, from: number, width: number, colour: string, dashed: boolean): LayerSpecification => ({
    id, type: "line", source, minzoom: from, filter: ["==", ["get", "k"], kind],
    paint: { "line-color": colour, "line-width": width, ...(dashed ? { "line-dasharray": [3, 2] } : {}) } });
  const own: FilterSpecification = fill.length ? ["in", ["get", "c"], ["literal", fill]] : ["==", ["get", "c"], ""];
  for (const source of ["outline", "communities", "grids"])
    layers.push({ id: `own-${source}`, type: "fill", source, filter: own, paint: { "fill-color": c.accent, "fill-opacity": 0.2 } });
  layers.push(
    hatch("hatch-street", "outline", "street", 0, COMMUNITIES), hatch("hatch-community", "communities", "community", COMMUNITIES, GRIDS),
    hatch("hatch-grid", "grids", "grid", GRIDS, 24),
    line("grid", "grids", "grid", GRIDS, 0.7, c.edge, true), line("community", "communities", "community", COMMUNITIES, 0.8, c.edge, false),
    line("street", "outline", "street", 0, 1, c.edge, false), line("district", "outline", "district", 0, 1.6, c["ink-2"], false));
  for (const source of ["outline", "communities", "grids"])
    layers.push({ id: `own-line-${source}`, type: "line", source, filter: own, paint: { "line-color": c.accent, "line-width": 2 } });
  layers.push(
    { id: "cells", type: "fill", source: "cells", paint: { "fill-color": c.accent, "fill-opacity": ["interpolate", ["linear"], ["get", "share"], 0, 0.15, 1, 0.75] } },
    { id: "cells-line", type: "line", source: "cells", paint: { "line-color": c.surface, "line-width": 1 } });
  const label = (id: string, source: string, kind: string, from: number, to: number): LayerSpecification => ({
    id, type: "symbol", source, minzoom: from, maxzoom: to, filter: ["==", ["get", "k"], kind],
    layout: { "text-field": ["get", language], "text-font": FONT, "text-size": 12, "text-padding": 6, "text-max-width": 9 },
    paint: { "text-color": c.ink, "text-halo-color": c.surface, "text-halo-width": 1.5 } });
  layers.push(
    label("street-name", "outline-names", "street", 0, COMMUNITIES + 1), label("community-name", "communities-names", "community", COMMUNITIES + 1, 24),
    { id: "cells-count", type: "symbol", source: "cells-names", layout: { "text-field": ["get", "said"], "text-font": FONT, "text-size": 12, "text-allow-overlap": true },
      paint: { "text-color": c.ink, "text-halo-color": c.surface, "text-halo-width": 1.5 } },
    { id: "self", type: "symbol", source: "self", layout: { "icon-image": "self", "icon-allow-overlap": true } },
    { id: "points", type: "symbol", source: "points", layout: { "icon-image": ["get", "sign"], "icon-allow-overlap": true, "symbol-sort-key": ["get", "rank"] } },
    { id: "pin", type: "symbol", source: "pin", layout: { "icon-image": "pin", "icon-allow-overlap": true } });
  for (const name of ["outline-names", "communities-names", "cells-names"]) sources[name] = { type: "geojson", data: EMPTY };
  return { version: 8, sources, layers };
}

/** Where the names of polygons stand. */
export function namesOf(shapes: Shapes): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features: shapes.features.map(({ properties }) => ({
    type: "Feature", geometry: { type: "Point", coordinates: properties.at }, properties: { k: properties.k, zh: properties.zh, en: properties.en } })) };
}

/** Put data into a source. */
export function put(plan: Plan, source: string, data: GeoJSON.FeatureCollection): void {
  (plan.getSource(source) as GeoJSONSource | undefined)?.setData(data);
}

/** Who stands in front where signs lie over each other: the worst. */
export const RANKS: Record<State, number> = { stand: 1, ended: 2, time: 3, soon: 4, late: 5, own: 6 };

/** Draw the signs: every state has a shape as well as a colour. */
export function addSigns(plan: Plan, c: Colours): void {
  const ratio = 2;
  const draw = (name: string, size: number, work: (pen: CanvasRenderingContext2D, half: number) => void): void => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = size * ratio;
    const pen = canvas.getContext("2d");
    if (!pen) return;
    pen.scale(ratio, ratio);
    work(pen, size / 2);
    if (plan.hasImage(name)) plan.removeImage(name);
    plan.addImage(name, pen.getImageData(0, 0, size * ratio, size * ratio), { pixelRatio: ratio });
  };
  const path = (pen: CanvasRenderingContext2D, colour: string, corners: Array<[number, number]>): void => {
    pen.beginPath();
    corners.forEach(([x, y], number) => (number ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    pen.closePath();
    finish(pen, colour);
  };
  const finish = (pen: CanvasRenderingContext2D, colour: string): void => {
    pen.fillStyle = colour;
    pen.strokeStyle = c.surface;
    pen.lineWidth = 2;
    pen.lineJoin = "round";
    pen.stroke();
    pen.fill();
  };
  const disc = (colour: string, radius: number) => (pen: CanvasRenderingContext2D, half: number): void => {
    pen.beginPath();
    pen.arc(half, half, radius, 0, 2 * Math.PI);
    finish(pen, colour);
  };
  draw("time", 18, disc(c.time, 6));
  draw("soon", 20, (pen, h) => path(pen, c.soon, [[h, 3], [17, 16], [3, 16]]));
  draw("late", 20, (pen, h) => path(pen, c.late, [[h, 2], [18, h], [h, 18], [2, h]]));
  draw("stand", 18, (pen) => path(pen, c.accent, [[4, 4], [14, 4], [14, 14], [4, 14]]));
  draw("ended", 18, (pen, half) => {
    disc(c.surface, 6)(pen, half);
    pen.strokeStyle = c.ended;
    pen.lineWidth = 2.5;
    pen.stroke();
  });
  // The mark of the product, one cell filled: the case that the page is about, and the point that was chosen.
  for (const name of ["own", "pin"])
    draw(name, 26, (pen) => {
      pen.beginPath();
      pen.rect(3, 3, 20, 20);
      finish(pen, c.accent);
      pen.fillStyle = c["on-accent"];
      pen.fillRect(9, 9, 8, 8);
    });
  draw("self", 22, (pen, half) => {
    disc(c.surface, 9)(pen, half);
    disc(c.accent, 5)(pen, half);
  });
  draw("hatch", 8, (pen) => {
    pen.strokeStyle = c.line;
    pen.lineWidth = 1;
    for (const shift of [-8, 0, 8]) {
      pen.beginPath();
      pen.moveTo(shift, 8);
      pen.lineTo(shift + 8, 0);
      pen.stroke();
    }
  });
}
