/** Quantities as people read them. */
import { formatDuration } from '@berth/core';

export const megabytes = (bytes: number): string =>
  bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

export const percent = (share: number): string => `${Math.floor(share * 100)} %`;

/** Rounded to what a person would say. */
export const time = (ms: number): string =>
  formatDuration(ms < 60_000 ? Math.round(ms / 1_000) * 1_000 : Math.round(ms / 60_000) * 60_000);

/** A path as a word of a shell command. */
export const quoted = (path: string): string => (/^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`);
