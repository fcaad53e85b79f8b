// The pure parts of maps: what of a page's data is drawn, and which polygons are asked for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { boundsOf, cellsOf, numbers, pointsOf, readPoints, streetsIn, type Shapes } from "../src/map/contract.ts";

const point = (coordinates: unknown, properties: unknown): unknown => ({ type: "Feature", geometry: { type: "Point", coordinates }, properties });

test("what cannot be drawn is left out, and links lead nowhere else", () => {
  const found = readPoints({ more: true, total: 9, features: [
    point([108.4, 30.8], { title: "one", href: "/desk/cases/1", state: "late", photo: "/p/1" }),
    point([108.4, 30.8], { title: "two", href: "javascript:alert(1)", photo: "https://elsewhere.example/p", state: "glowing" }),
    point([108.4, 30.8], { title: "three", href: "//elsewhere.example" }),
    point([108.4, 30.8], { line: "without a title" }),
    point([108.4, "30.8"], { title: "no number" }),
    point([408.4, 30.8], { title: "not on earth" }),
    null, 7, { geometry: { type: "LineString", coordinates: [] }, properties: {} },
  ] });
  assert.deepEqual(pointsOf(found).map(({ properties }) => properties), [
    { title: "one", href: "/desk/cases/1", state: "late", photo: "/p/1" }, { title: "two" }, { title: "three" }]);
  assert.equal(found.more, true);
  assert.equal(found.total, 9);
  assert.deepEqual(readPoints(undefined).features, []);
  assert.deepEqual(readPoints({ features: "many" }).features, []);
});

test("hexagons carry a number", () => {
  const ring = [[108, 30], [109, 30], [109, 31], [108, 30]];
  const polygon = (properties: unknown): unknown => ({ type: "Feature", geometry: { type: "Polygon", coordinates: [ring] }, properties });
  const found = readPoints({ features: [polygon({ n: 4 }), polygon({ n: "4" }), polygon({})] });
  assert.deepEqual(cellsOf(found).map(({ properties }) => properties.n), [4]);
  assert.deepEqual(boundsOf(found.features), [108, 30, 109, 31]);
  assert.equal(boundsOf([]), undefined);
});

test("numbers of an attribute are all there, or none", () => {
  assert.deepEqual(numbers("108.4,30.8", 2), [108.4, 30.8]);
  for (const wrong of ["108.4", "108.4,", "a,b", "1,2,3", "", undefined, "1,Infinity"]) assert.equal(numbers(wrong, 2), undefined);
});

test("grids are asked for by street, the nearest first, and never for all", () => {
  const street = (c: string, west: number): Shapes["features"][0] => ({
    type: "Feature", properties: { c, k: "street", zh: c, en: c, at: [west + 0.05, 30.05] },
    geometry: { type: "Polygon", coordinates: [[[west, 30], [west + 0.1, 30], [west + 0.1, 30.1], [west, 30]]] } });
  const shapes: Shapes = { type: "FeatureCollection", features: [..."abcdefghij"].map((c, n) => street(c, 108 + n * 0.1)) };
  assert.deepEqual(streetsIn(shapes, [108.22, 30.02, 108.24, 30.03]), ["c"]);
  assert.deepEqual(streetsIn(shapes, [108.15, 30.02, 108.32, 30.03], 2), ["c", "b"]);
  assert.equal(streetsIn(shapes, [100, 20, 120, 40]).length, 6);
});
