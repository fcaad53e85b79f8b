// Small parts of the live map: reading, elements, points.
import type * as GeoJSON from "geojson";

export async function read<T>(address: string): Promise<T | undefined> {
  const answer = await fetch(address, { headers: { Accept: "application/json" }, credentials: "same-origin" }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return undefined;
  return answer.json().catch(() => undefined) as Promise<T | undefined>;
}

export function one(lon: number, lat: number): GeoJSON.FeatureCollection {
  return { type: "FeatureCollection", features: [{ type: "Feature", geometry: { type: "Point", coordinates: [lon, lat] }, properties: {} }] };
}

export function middle(ring: Array<[number, number]>): [number, number] {
  const corners = ring.slice(0, -1);
  return [corners.reduce((sum, [lon]) => sum + lon, 0) / corners.length, corners.reduce((sum, [, lat]) => sum + lat, 0) / corners.length];
}

export function icon(drawing: string): SVGElement {
  const space = "http://www.w3.org/2000/svg";
  const made = document.createElementNS(space, "svg");
  for (const [name, value] of [["viewBox", "0 0 16 16"], ["width", "16"], ["height", "16"], ["aria-hidden", "true"], ["fill", "none"], ["stroke", "currentColor"], ["stroke-width", "2"]] as const) made.setAttribute(name, value);
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", drawing);
  made.append(path);
  return made;
}

export function isDark(): boolean {
  const theme = document.documentElement.dataset["theme"];
  return theme === "dark" || (theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

export function make<K extends keyof HTMLElementTagNameMap>(tag: K, name: string, text = ""): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}
