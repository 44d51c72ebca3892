/** A first berth.yaml for a directory that has none, from what its package.json says. */
import { basename } from 'node:path';

type PackageJson = { readonly name?: unknown; readonly main?: unknown; readonly scripts?: Readonly<Record<string, unknown>> };

/** `packageJson` is the file's text, `files` the names in the directory. */
export const suggestManifest = (directory: string, packageJson: string | null, files: ReadonlySet<string>): string => {
  const parsed = parsePackage(packageJson);
  const app = appNameOf(typeof parsed.name === 'string' ? parsed.name : basename(directory));
  const build = buildOf(parsed, files);
  return [
    `app: ${app}`,
    ...(build ? [`build: ${build}`] : []),
    'services:',
    '  web:',
    `    run: ${runOf(parsed, files)}   # listens on $PORT`,
    'routes:',
    `  ${app}:`,
    '    /: web',
    '',
  ].join('\n');
};

/** What cannot be read suggests nothing; it is the app's file, not ours to complain about here. */
const parsePackage = (text: string | null): PackageJson => {
  if (text === null) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
};

const appNameOf = (name: string): string =>
  name
    .toLowerCase()
    .replace(/^@[^/]*\//, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 40) || 'app';

const buildOf = ({ scripts }: PackageJson, files: ReadonlySet<string>): string | null => {
  const install = files.has('package-lock.json') ? ['npm ci'] : files.has('package.json') ? ['npm install'] : [];
  const build = typeof scripts?.build === 'string' ? ['npm run build'] : [];
  return [...install, ...build].join(' && ') || null;
};

const runOf = ({ main, scripts }: PackageJson, files: ReadonlySet<string>): string => {
  const start = scripts?.start;
  // Signals reach a program that is started directly; npm in between would swallow them.
  if (typeof start === 'string') return /^[\w./@= -]+$/.test(start) ? start : 'npm start';
  if (typeof main === 'string') return `node ${main}`;
  const entry = ['server.ts', 'server.js', 'main.ts', 'main.js', 'index.ts', 'index.js', 'app.js'].find((name) =>
    files.has(name),
  );
  return entry ? `node ${entry}` : 'node server.js';
};
