// One bundle for each island: a folder of src with a main.ts. The product serves what comes out, and nothing else.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const sources = new URL("src/", import.meta.url);
const islands = readdirSync(sources).filter((name) => existsSync(new URL(`${name}/main.ts`, sources)));

// The web process gives the packed copy to whoever takes it; it packs nothing itself. Packed is what was written:
// until then bundles still change.
const packed: Plugin = {
  name: "packed",
  apply: "build",
  writeBundle({ dir = "" }, bundle) {
    for (const { fileName } of Object.values(bundle)) {
      if (!/\.(js|css)$/.test(fileName)) continue;
      writeFileSync(join(dir, `${fileName}.gz`), gzipSync(readFileSync(join(dir, fileName)), { level: 9 }));
    }
  },
};

export default defineConfig({
  root: import.meta.dirname,
  base: "/static/built/",
  publicDir: false,
  plugins: [packed],
  build: {
    // Browsers inside messengers lag behind: what they miss is written out for them.
    target: ["es2020", "chrome80", "safari14"],
    outDir: "../src/gewu/surfaces/look/static/built",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: { polyfill: false },
    // MapLibre: loaded when a map comes into sight, and never before.
    chunkSizeWarningLimit: 1200,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: Object.fromEntries(islands.map((name) => [name, `src/${name}/main.ts`])),
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
