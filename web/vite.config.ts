// One bundle for each island: a folder of src with a main.ts. The product serves what comes out, and nothing else.
import { existsSync, readdirSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { defineConfig, type Plugin } from "vite";

const sources = new URL("src/", import.meta.url);
const islands = readdirSync(sources).filter((name) => existsSync(new URL(`${name}/main.ts`, sources)));

// The web process gives the packed copy to whoever takes it; it packs nothing itself.
const packed: Plugin = {
  name: "packed",
  apply: "build",
  generateBundle(_options, bundle) {
    for (const part of Object.values(bundle)) {
      const text = part.type === "chunk" ? part.code : part.source;
      if (!/\.(js|css)$/.test(part.fileName)) continue;
      this.emitFile({ type: "asset", fileName: `${part.fileName}.gz`, source: gzipSync(text, { level: 9 }) });
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
