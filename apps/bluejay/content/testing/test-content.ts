/** Content in memory, or in a file, with all its tables: for tests of whatever is built on it. */
import type { DatabaseSync } from 'node:sqlite';
import { silentLog } from '@berth/kit';
import type { ActivityEntry } from '../../accounts/activity.ts';
import { migrate } from '../../store/migrate.ts';
import { MIGRATIONS } from '../../store/migrations.ts';
import { openDatabase } from '../../store/open-database.ts';
import { CONTENT_TYPES } from '../../types/index.ts';
import type { Change, Content } from '../content.ts';
import type { ContentType } from '../content-type.ts';
import { openContent } from '../open-content.ts';

export const NOON = Date.UTC(2026, 5, 1, 12);

export type TestContent = Disposable & {
  readonly content: Content;
  readonly database: DatabaseSync;
  readonly entries: ActivityEntry[];
  readonly changes: Change[];
  /** Set it to go on in time. */
  clock: { nowMs: number };
};

export const openTestContent = async ({
  file = ':memory:',
  types = CONTENT_TYPES,
  nowMs = NOON,
}: {
  readonly file?: string;
  readonly types?: readonly ContentType[];
  readonly nowMs?: number;
} = {}): Promise<TestContent> => {
  const database = openDatabase(file);
  const clock = { nowMs };
  const schema = { types, migrations: MIGRATIONS, generation: 1, compatibleFrom: 1 };
  await migrate(database, { log: silentLog, now: () => clock.nowMs, schema });
  const entries: ActivityEntry[] = [];
  const changes: Change[] = [];
  const content = openContent({
    database,
    types,
    activity: { record: (entry) => entries.push(entry) },
    now: () => clock.nowMs,
    log: silentLog,
  });
  content.onChange((change) => changes.push(change));
  return { content, database, entries, changes, clock, [Symbol.dispose]: () => database.close() };
};
