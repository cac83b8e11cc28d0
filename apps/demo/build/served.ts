import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Plugin } from 'vite';

/** What a file holds: the path of one on disk, or what makes it. */
type Content = string | (() => Promise<Uint8Array>);

const TYPES: Record<string, string> = { '.wasm': 'application/wasm', '.json': 'application/json' };

const read = async (content: Content) => (typeof content === 'string' ? readFile(content) : content());

/** Serves files under names of their own, and puts them into the build under the same: for what is fetched by folder. */
export function served(files: Record<string, Content>): Plugin {
  return {
    name: 'served',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = new URL(request.url ?? '/', 'http://x').pathname.slice(1);
        const content = files[path];
        if (content === undefined) return next();
        response.setHeader('content-type', TYPES[extname(path)] ?? 'application/octet-stream');
        read(content).then((bytes) => response.end(bytes), next);
      });
    },
    async generateBundle() {
      for (const [fileName, content] of Object.entries(files))
        this.emitFile({ type: 'asset', fileName, source: await read(content) });
    },
  };
}
