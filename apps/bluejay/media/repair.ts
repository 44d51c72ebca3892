/** After a start: rows and files agree again, whatever a restore or a lost disk has made of them. */
import type { Log } from '@berth/kit';
import type { MediaDirectory } from './media-directory.ts';
import type { MediaRows } from './media-rows.ts';

/**
 * Sizes that are gone are forgotten, so that they are made anew. An original that is gone is only told of: its row may be all
 * that is left to say what is missing, and an empty directory is more often not mounted than lost.
 */
export const repair = async (directory: MediaDirectory, rows: MediaRows, log: Pick<Log, 'warn' | 'error'>): Promise<void> => {
  const known = rows.storedNames();
  const originals = new Set(await directory.names('originals'));
  const missing = [...known.originals].filter((name) => !originals.has(name));
  if (missing.length > 0) log.error('media.originals_missing', { files: missing.length, of: known.originals.size });
  if (missing.length === known.originals.size) return;

  const renditions = new Set(await directory.names('renditions'));
  const lost = [...known.renditions].filter((name) => !renditions.has(name));
  for (const name of lost) rows.dropRendition(name);
  if (lost.length > 0) log.warn('media.renditions_missing', { files: lost.length });
};
