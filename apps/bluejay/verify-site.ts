/** Whether a site is whole: for drills, after a restore, and for whoever wonders. */
import type { OpenParts } from './open-bluejay.ts';
import { CONTENT_TYPES } from './types/index.ts';

const MOST_NAMED = 5;

/** Gives lines that say what was found; throws an error that names what is damaged or missing. */
export const verifySite = async ({ database, content, media }: OpenParts): Promise<readonly string[]> => {
  const verdicts = database
    .prepare('PRAGMA integrity_check')
    .all()
    .map((row) => String(row['integrity_check']));
  if (verdicts.some((verdict) => verdict !== 'ok'))
    throw new Error(`the database is damaged: ${verdicts.slice(0, MOST_NAMED).join('; ')}`);
  const orphans = database.prepare('PRAGMA foreign_key_check').all();
  if (orphans.length > 0) throw new Error(`${orphans.length} rows of the database refer to rows that are not there`);
  const records = CONTENT_TYPES.map((type) => content.list(type, { perPage: 1 }).total).reduce((sum, count) => sum + count, 0);
  const missing = await media.missing();
  if (missing.length > 0) {
    const named = missing.slice(0, MOST_NAMED).join(', ');
    throw new Error(
      `${missing.length} files of the media library are not there: ${named}${missing.length > MOST_NAMED ? ', …' : ''}`,
    );
  }
  return [`The database is sound: ${records} records. Every file of the media library is there.`];
};
