import assert from "node:assert/strict";
import { test } from "node:test";
import { metres, nearest, suggest, type Catalogue, type Task } from "../src/field/model.ts";

const task = (number: string, lon: number | null, lat: number | null): Task => ({
  id: number, number, version: 1, stage: { code: "", name: "" }, parts: [], category: "", place: "", words: "", urgent: false,
  lon, lat, clock: "", due_at: null, warns_at: null, photos: [], moves: [], presence: false,
});

test("nearest first; tasks without a position keep their order at the end", () => {
  const tasks = [task("none 1", null, null), task("far", 108.42, 30.81), task("none 2", null, 30.8), task("near", 108.409, 30.8075)];
  assert.deepEqual(nearest(tasks, { lon: 108.4087, lat: 30.8075 }).map(({ number }) => number), ["near", "far", "none 1", "none 2"]);
  assert.deepEqual(tasks.map(({ number }) => number), ["none 1", "far", "none 2", "near"]);
});

test("a thousandth of a degree is 111 m to the north and less to the east", () => {
  const from = { lon: 108.4, lat: 30.8 };
  assert.ok(Math.abs(metres({ lon: 108.4, lat: 30.801 }, from) - 111.2) < 0.5);
  assert.ok(Math.abs(metres({ lon: 108.401, lat: 30.8 }, from) - 95.5) < 0.5);
  assert.equal(metres({ lon: null, lat: null }, from), Infinity);
});

const catalogue: Catalogue = {
  categories: [
    { key: "component:01001", name: "上水井盖", major: "公用设施" },
    { key: "matter:06012", name: "道路不洁", major: "市容环境" },
    { key: "matter:06001", name: "暴露垃圾", major: "市容环境" },
    { key: "component:01019", name: "路灯", major: "公用设施" },
    { key: "matter:07003", name: "Illegal parking", major: "Streets" },
  ],
  standards: [],
  places: [],
};
const names = (typed: string): string[] => suggest(catalogue, typed).map(({ name }) => name);

test("categories are suggested by words and parts of words, in both languages", () => {
  assert.equal(names("路灯不亮")[0], "路灯");
  assert.equal(names("井盖")[0], "上水井盖");
  assert.equal(names("楼下有垃圾")[0], "暴露垃圾");
  assert.equal(names("parking")[0], "Illegal parking");
  assert.deepEqual(names(""), []);
  assert.deepEqual(names("没有相关"), []);
});
