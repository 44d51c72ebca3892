/** What browsers run, built as for production, under the names that pages ask for. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FastifyInstance } from 'fastify';
import { build } from 'vite';
import { type AssetName, assetPath } from '../html/assets.ts';

const PAGE = path.join(import.meta.dirname, '..', 'page');
const ENTRIES = { site: ['site.ts', 'site.css'], panel: ['admin.ts', 'admin.css', 'rich-text.ts'] } as const;
const TYPES: Readonly<Record<string, string>> = { '.css': 'text/css', '.js': 'text/javascript', '.woff2': 'font/woff2' };

export type BuiltAssets = {
  /** Built files by the path that a page asks for. */
  readonly files: ReadonlyMap<string, { readonly type: string; readonly content: Buffer }>;
  register(server: FastifyInstance): void;
};

/** Of the site, or of the panel. @param directory where it is built */
export const buildAssets = async (of: 'site' | 'panel', directory: string): Promise<BuiltAssets> => {
  await build({
    configFile: false,
    root: PAGE,
    base: '/public/',
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: directory,
      emptyOutDir: true,
      assetsDir: '',
      manifest: 'manifest.json',
      target: 'es2024',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      rolldownOptions: { input: ENTRIES[of].map((entry) => path.join(PAGE, entry)) },
    },
  });
  const manifest = JSON.parse(await readFile(path.join(directory, 'manifest.json'), 'utf8')) as Record<string, { file: string }>;
  const files = new Map<string, { type: string; content: Buffer }>();
  for (const [name, { file }] of Object.entries(manifest)) {
    const built = {
      type: TYPES[path.extname(file)] ?? 'application/octet-stream',
      content: await readFile(path.join(directory, file)),
    };
    files.set(`/public/${file}`, built);
    // What pages ask for: plain names, or those of a build that is there already and may be older.
    files.set(assetPath(name as AssetName), built);
  }
  return {
    files,
    register(server) {
      server.get('/public/*', (request, reply) => {
        const file = files.get(request.url);
        return file === undefined ? reply.code(404).send() : reply.type(file.type).send(file.content);
      });
    },
  };
};
