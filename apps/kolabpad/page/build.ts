/** Builds the page into `dist/`: `index.html`, and beside it `assets/` with hashed names. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { env } from 'node:process';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';

export type PageSettings = {
  /** Seven characters of the commit; empty when it was built from no commit. */
  readonly sha: string;
  /** What the browser's console shows. */
  readonly logLevel: 'debug' | 'info' | 'error';
  readonly outputDirectory: string;
};

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

function shaOfCheckout(): string {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    // A copy without its repository: the footer then says "Development".
    return '';
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await buildPage(parsePageSettings(env));
