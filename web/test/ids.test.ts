import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { sha256, sha256Slowly, uuid7 } from "../src/outbox/ids.ts";

test("a UUIDv7 carries its time, its version and its variant", () => {
  const at = Date.UTC(2026, 10, 22, 14, 5);
  const made = uuid7(at);
  assert.match(made, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.equal(Number.parseInt(made.replaceAll("-", "").slice(0, 12), 16), at);
  assert.notEqual(uuid7(at), made);
});

test("the hash of a photo is SHA-256, with or without the browser's help", async () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 70_001]) {
    const bytes = new Uint8Array(randomBytes(length));
    const wanted = createHash("sha256").update(bytes).digest("hex");
    assert.equal(sha256Slowly(bytes), wanted, `${length} bytes`);
    assert.equal(await sha256(bytes.buffer), wanted);
  }
});
