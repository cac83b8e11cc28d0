// Keeps the built files, so that the page opens without a network. files.json is written by the build.
const CACHE = 'roikit-demo';

self.addEventListener('install', (event) => {
  event.waitUntil(self.skipWaiting());
});

self.addEventListener('activate', (event) => {
  event.waitUntil(self.clients.claim());
});

/** Asked for by the page once it has its own files: the rest comes when nobody waits for it. */
self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keepAll());
});

async function keepAll() {
  const cache = await caches.open(CACHE);
  const files = await (await fetch('files.json', { cache: 'no-cache' })).json();
  const wanted = new Set([...files, 'files.json'].map((file) => new URL(file, self.registration.scope).href));
  for (const request of await cache.keys()) if (!wanted.has(request.url)) await cache.delete(request);
  for (const url of wanted) if (!(await cache.match(url))) await cache.add(url);
}

/** The network first for what may change, the cache first for what has its content in its name. */
self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== self.location.origin) return;
  event.respondWith(/\/assets\//.test(request.url) ? cacheFirst(request) : networkFirst(request));
});

async function cacheFirst(request) {
  return (await caches.match(request, { ignoreSearch: true })) ?? fetch(request);
}

async function networkFirst(request) {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}
