/** Builds the page into `dist/`: `index.html`, and beside it `assets/` with hashed names. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { build } from 'vite';

export type PageSettings = {
  /** Seven characters of the commit; empty when it was built from no commit. */
  readonly sha: string;
  /** What the browser's console shows. */
  readonly logLevel: 'debug' | 'info' | 'error';
  readonly outputDirectory: string;
};

const COMPRESSIBLE = /\.(?:html|js|css|svg)$/;
/** Less fits into one packet as it is. */
const SMALLEST_COMPRESSED_BYTES = 1_400;
const LOG_LEVELS = ['debug', 'info', 'error'] as const;

/** Resolves when everything is written; what was in the output directory is gone. Throws when the page does not build. */
export async function buildPage({ sha, logLevel, outputDirectory }: PageSettings): Promise<void> {
  await build({
    configFile: false,
    root: import.meta.dirname,
    // The page knows no path of its own: it works under whatever address it is served.
    base: './',
    logLevel: 'warn',
    define: { BUILD_SHA: JSON.stringify(sha), FRONTEND_LOG_LEVEL: JSON.stringify(logLevel) },
    build: {
      outDir: outputDirectory,
      emptyOutDir: true,
      target: 'es2024',
      // An inlined picture would be a data: URL, a preload polyfill an inline script.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
    },
  });
  await compressFiles(outputDirectory);
}

/** Throws with the mistake's name when a variable is wrong. */
export function parsePageSettings(variables: Readonly<Record<string, string | undefined>>): PageSettings {
  const wanted = variables['FRONTEND_LOG_LEVEL'] ?? 'error';
  const logLevel = LOG_LEVELS.find((level) => level === wanted);
  if (logLevel === undefined) throw new Error(`FRONTEND_LOG_LEVEL is "${wanted}": it has to be one of ${LOG_LEVELS.join(', ')}`);
  const given = [variables['VITE_SHA'], variables['BUILD_SHA']].find((value) => value !== undefined && value !== '');
  return {
    sha: (given ?? shaOfCheckout()).slice(0, 7),
    logLevel,
    outputDirectory: path.join(import.meta.dirname, '..', 'dist'),
  };
}

/** Beside each text that is worth it, the same as `.br` and `.gz`: compressed once, and as well as it goes. */
async function compressFiles(directory: string): Promise<void> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  await Promise.all(
    files
      .filter((file) => file.isFile() && COMPRESSIBLE.test(file.name))
      .map(async ({ parentPath, name }) => {
        const file = path.join(parentPath, name);
        const content = await readFile(file);
        if (content.length < SMALLEST_COMPRESSED_BYTES) return;
        const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
        await writeFile(`${file}.br`, await promisify(brotliCompress)(content, { params }));
        await writeFile(`${file}.gz`, await promisify(gzip)(content, { level: constants.Z_BEST_COMPRESSION }));
      }),
  );
}

function shaOfCheckout(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    // A copy without its repository: the footer then says "Development".
    return '';
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildPage(parsePageSettings(env));
