// What a map is told by its page and by the server; written down for page makers in docs/maps.md.

export type Bounds = [west: number, south: number, east: number, north: number];

export interface Tiles {
  /** Addresses with {z}, {x} and {y}, the ground first, names over it. */
  layers: string[];
  size: number;
  min: number;
  max: number;
}

/** The answer of `map.json`: what a district has for maps, in the language of the page. */
export interface Description {
  code: string;
  name: string;
  bounds: Bounds;
  tiles: Tiles | null;
  shapes: { outline: string; communities: string; grids: string };
  /** Sentences below the map: what is synthetic, whose map it is, its approval number. */
  notes: string[];
  words: Record<string, string>;
}

export type State = "time" | "soon" | "late" | "ended" | "own" | "stand";

/** Properties of a point: what it is called, where it leads, how it stands. All but the title may be missing. */
export interface PointFacts {
  title: string;
  line?: string;
  href?: string;
  state?: State;
  photo?: string;
}

/** Properties of a hexagon: how many there are in it. */
export interface CellFacts {
  n: number;
}

export interface PointFeature {
  type: "Feature";
  geometry: { type: "Point"; coordinates: [number, number] };
  properties: PointFacts;
}

export interface CellFeature {
  type: "Feature";
  geometry: { type: "Polygon"; coordinates: Array<Array<[number, number]>> };
  properties: CellFacts;
}

export interface Points {
  type: "FeatureCollection";
  features: Array<PointFeature | CellFeature>;
  /** Whether there are more than were given. */
  more?: boolean;
  /** How many there are in all, where it is known. */
  total?: number;
}

export interface Shape {
  type: "Feature";
  geometry: { type: "Polygon" | "MultiPolygon"; coordinates: unknown };
  properties: { c: string; k: string; zh: string; en: string; g?: 1; at: [number, number] };
}

export interface Shapes {
  type: "FeatureCollection";
  features: Shape[];
}

const STATES = new Set<string>(["time", "soon", "late", "ended", "own", "stand"]);

/** What came from an address of points, with everything left out that could not be drawn or would lead elsewhere. */
export function readPoints(found: unknown): Points {
  const given = (found ?? {}) as { features?: unknown; more?: unknown; total?: unknown };
  const features = Array.isArray(given.features) ? given.features.flatMap(readFeature) : [];
  const points: Points = { type: "FeatureCollection", features };
  if (given.more === true) points.more = true;
  if (typeof given.total === "number") points.total = given.total;
  return points;
}

function readFeature(found: unknown): Array<PointFeature | CellFeature> {
  const { geometry, properties } = (found ?? {}) as { geometry?: { type?: string; coordinates?: unknown }; properties?: Record<string, unknown> };
  if (!geometry || !properties) return [];
  if (geometry.type === "Point" && isPosition(geometry.coordinates)) {
    const facts: PointFacts = { title: String(properties["title"] ?? "") };
    if (typeof properties["line"] === "string") facts.line = properties["line"];
    if (isOwnPath(properties["href"])) facts.href = properties["href"];
    if (isOwnPath(properties["photo"])) facts.photo = properties["photo"];
    if (STATES.has(String(properties["state"]))) facts.state = properties["state"] as State;
    return facts.title ? [{ type: "Feature", geometry: { type: "Point", coordinates: geometry.coordinates }, properties: facts }] : [];
  }
  const rings = geometry.coordinates;
  const n = properties["n"];
  if (geometry.type === "Polygon" && typeof n === "number" && Array.isArray(rings) && rings.every((ring) => Array.isArray(ring) && ring.every(isPosition)))
    return [{ type: "Feature", geometry: { type: "Polygon", coordinates: rings as Array<Array<[number, number]>> }, properties: { n } }];
  return [];
}

function isPosition(found: unknown): found is [number, number] {
  return Array.isArray(found) && found.length >= 2 && Number.isFinite(found[0]) && Number.isFinite(found[1]) && Math.abs(found[0]) <= 180 && Math.abs(found[1]) <= 90;
}

/** A path on this server: what comes as data leads nowhere else and runs nothing. */
function isOwnPath(found: unknown): found is string {
  return typeof found === "string" && /^[/#?](?![/\\])/.test(found);
}

/** Points only. */
export function pointsOf(points: Points): PointFeature[] {
  return points.features.filter((one): one is PointFeature => one.geometry.type === "Point");
}

/** Hexagons only. */
export function cellsOf(points: Points): CellFeature[] {
  return points.features.filter((one): one is CellFeature => one.geometry.type === "Polygon");
}

/** The smallest bounds that hold all of it; undefined where there is nothing. */
export function boundsOf(features: Points["features"]): Bounds | undefined {
  let found: Bounds | undefined;
  const take = ([lon, lat]: [number, number]): void => {
    found = found ? [Math.min(found[0], lon), Math.min(found[1], lat), Math.max(found[2], lon), Math.max(found[3], lat)] : [lon, lat, lon, lat];
  };
  for (const { geometry } of features) {
    if (geometry.type === "Point") take(geometry.coordinates);
    else for (const ring of geometry.coordinates) ring.forEach(take);
  }
  return found;
}

/** Numbers joined by commas, as many as are wanted; undefined for anything else. */
export function numbers(text: string | undefined, count: number): number[] | undefined {
  const found = (text ?? "").split(",").map((part) => (part.trim() ? Number(part) : NaN));
  return found.length === count && found.every(Number.isFinite) ? found : undefined;
}

/** The streets whose grids are wanted: those that touch what is seen, the nearest first, never more than so many. */
export function streetsIn(shapes: Shapes, seen: Bounds, most = 6): string[] {
  const middle = [(seen[0] + seen[2]) / 2, (seen[1] + seen[3]) / 2] as const;
  return shapes.features
    .filter(({ properties }) => properties.k === "street")
    .map((one) => ({ code: one.properties.c, box: boxOf(one), at: one.properties.at }))
    .filter(({ box }) => box[0] <= seen[2] && box[2] >= seen[0] && box[1] <= seen[3] && box[3] >= seen[1])
    .sort((a, b) => Math.hypot(a.at[0] - middle[0], a.at[1] - middle[1]) - Math.hypot(b.at[0] - middle[0], b.at[1] - middle[1]))
    .slice(0, most)
    .map(({ code }) => code);
}

function boxOf(shape: Shape): Bounds {
  const found: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
  const walk = (part: unknown): void => {
    if (!Array.isArray(part)) return;
    if (isPosition(part)) {
      found[0] = Math.min(found[0], part[0]);
      found[1] = Math.min(found[1], part[1]);
      found[2] = Math.max(found[2], part[0]);
      found[3] = Math.max(found[3], part[1]);
    } else part.forEach(walk);
  };
  walk(shape.geometry.coordinates);
  return found;
}
