// The service worker of the field: keeps the page itself, so that it opens without a line. Data is none of its business.
// The server puts `self.FIELD` before this: the files of the page and a name for this set of them.
interface Scope {
  FIELD: { name: string; page: string; files: string[]; later: string[]; maps: string };
  caches: CacheStorage;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(name: "install" | "activate", work: (event: { waitUntil(over: Promise<unknown>): void }) => void): void;
  addEventListener(name: "fetch", work: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
}

const scope = self as unknown as Scope;
const { name, page, files, later, maps } = scope.FIELD;
/** A line that is half dead counts as none after so many milliseconds. */
const PATIENCE = 5000;

scope.addEventListener("install", (event) => {
  event.waitUntil(scope.caches.open(name).then((cache) => Promise.all([cache.addAll(files.map((file) => new Request(file, { cache: "reload" }))), keepPage(cache)])).then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  const old = scope.caches.keys().then((names) => Promise.all(names.filter((one) => one.startsWith("field-") && one !== name).map((one) => scope.caches.delete(one))));
  event.waitUntil(old.then(() => scope.clients.claim()));
});

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname === page) event.respondWith(pageOf(request));
  else if (files.includes(address.pathname)) event.respondWith(fileOf(request));
  else if (later.includes(address.pathname)) event.respondWith(laterOf(request));
  else if (address.pathname.startsWith(maps) && !address.pathname.includes("/tiles/")) event.respondWith(polygonsOf(request));
});

/** The page of now, and the kept one where there is no line. A page that leads elsewhere (to the login) is not kept. */
async function pageOf(request: Request): Promise<Response> {
  const cache = await scope.caches.open(name);
  try {
    const found = await within(fetch(request));
    if (isPage(found)) await cache.put(page, found.clone());
    return found;
  } catch (error) {
    const kept = await cache.match(page);
    if (kept) return kept;
    throw error;
  }
}

async function fileOf(request: Request): Promise<Response> {
  const cache = await scope.caches.open(name);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** Parts of the page that few need (the map): kept from their first use. */
async function laterOf(request: Request): Promise<Response> {
  const cache = await scope.caches.open(name);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept) return kept;
  const found = await fetch(request);
  if (isPage(found)) await cache.put(request, found.clone());
  return found;
}

/** The district's polygons as they are now, and as they were seen last where there is no line. */
async function polygonsOf(request: Request): Promise<Response> {
  const cache = await scope.caches.open(name);
  try {
    const found = await within(fetch(request));
    if (isPage(found)) await cache.put(request, found.clone());
    return found;
  } catch (error) {
    const kept = (await cache.match(request)) ?? (await cache.match(request, { ignoreSearch: true }));
    if (kept) return kept;
    throw error;
  }
}

async function keepPage(cache: Cache): Promise<void> {
  const found = await fetch(page, { credentials: "same-origin" });
  if (isPage(found)) await cache.put(page, found);
}

function isPage(found: Response): boolean {
  return found.ok && !found.redirected && found.type === "basic";
}

function within(answer: Promise<Response>): Promise<Response> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("no line")), PATIENCE);
    answer.then(resolve, reject);
  });
}
export {};
