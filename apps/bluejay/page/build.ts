/** Builds what browsers run into `dist/public`, with hashed names, and `dist/manifest.json`, which says them. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

const COMPRESSIBLE = /\.(?:js|css|svg)$/;
/** Less fits into one packet as it is. */
const SMALLEST_COMPRESSED_BYTES = 1_400;
/** What pages name by `assetPath`. */
const ENTRIES = ['site.ts', 'admin.ts', 'rich-text.ts', 'site.css', 'admin.css'];

/** Resolves when everything is written; what was in the output directory is gone. Throws when something does not build. */
export async function buildPage({ outputDirectory }: { readonly outputDirectory: string }): Promise<void> {
  const root = import.meta.dirname;
  const publicDirectory = path.join(outputDirectory, 'public');
  await rm(outputDirectory, { recursive: true, force: true });
  await mkdir(outputDirectory, { recursive: true });
  await build({
    configFile: false,
    root,
    base: '/public/',
    logLevel: 'warn',
    publicDir: false,
    build: {
      outDir: publicDirectory,
      // It was removed above; elsewhere than below the sources Vite would only warn.
      emptyOutDir: false,
      assetsDir: '',
      manifest: 'manifest.json',
      target: 'es2024',
      // An inlined font would be a data: URL, a preload polyfill an inline script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      rolldownOptions: { input: ENTRIES.map((entry) => path.join(root, entry)) },
    },
  });
  // Not for visitors: it names the sources.
  await rename(path.join(publicDirectory, 'manifest.json'), path.join(outputDirectory, 'manifest.json'));
  await compressFiles(publicDirectory);
}

/** Beside each text that is worth it, the same as `.br` and `.gz`: compressed once, and as well as it goes. */
async function compressFiles(directory: string): Promise<void> {
  const names = await readdir(directory, { recursive: true });
  await Promise.all(
    names
      .filter((name) => COMPRESSIBLE.test(name))
      .map(async (name) => {
        const file = path.join(directory, name);
        const content = await readFile(file);
        if (content.length < SMALLEST_COMPRESSED_BYTES) return;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
        await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }));
      }),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await buildPage({ outputDirectory: path.join(import.meta.dirname, '..', 'dist') });
