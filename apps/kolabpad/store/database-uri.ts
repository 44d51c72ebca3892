import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { uriInvalid } from './errors.ts';

/**
 * The absolute path that a SQLITE_URI means, or null for memory only: nothing, or SQLite's own `:memory:`. Takes a path,
 * `file:…` and `sqlite:…` with one or three slashes; settings behind a question mark are ours to make and are ignored.
 */
export const parseDatabaseUri = (uri: string): string | null => {
  const [, scheme, rest] = /^(file|sqlite3?):(.*)$/is.exec(uri.trim()) ?? [];
  const path = scheme === undefined || rest === undefined ? uri.trim() : pathOf(uri, rest.replace(/[?#].*$/s, ''));
  if (path === '' && scheme === undefined) return null;
  if (path === ':memory:') return null;
  if (path === '' || path.endsWith('/')) throw uriInvalid(uri, 'names no file');
  if (path.includes('\0')) throw uriInvalid(uri, 'is not a path');
  if (scheme === undefined && /^[a-z][a-z0-9+.-]+:\/\//i.test(path)) throw uriInvalid(uri, 'is no SQLite database');
  return resolve(path);
};

const pathOf = (uri: string, rest: string): string => {
  try {
    if (rest.startsWith('///')) return fileURLToPath(`file:///${rest.replace(/^\/+/, '')}`);
    // As drivers read it: two slashes and then a path, which may be relative.
    return decodeURIComponent(rest.replace(/^\/\//, ''));
  } catch (cause) {
    throw uriInvalid(uri, `cannot be read: ${(cause as Error).message}`);
  }
};
