/** How long the database takes, and what it refuses: every statement of a connection is timed. */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Instruments } from '../metrics.ts';

/** SQLITE_BUSY and SQLITE_LOCKED, in the lowest byte of an extended code. */
const LOCKED = [5, 6];
/** SQLITE_FULL, SQLITE_IOERR, SQLITE_CORRUPT. */
const KINDS: Readonly<Record<number, string>> = { 10: 'io', 11: 'corrupt', 13: 'full' };
const TIMED = ['get', 'all', 'run'] as const;

/** From now on, and for as long as the connection is open. */
export const observeDatabase = (
  database: DatabaseSync,
  { databaseSeconds, databaseErrors }: Pick<Instruments, 'databaseSeconds' | 'databaseErrors'>,
): void => {
  const timed =
    <Arguments extends unknown[], Result>(work: (...given: Arguments) => Result) =>
    (...given: Arguments): Result => {
      const startedMs = performance.now();
      try {
        return work(...given);
      } catch (error) {
        databaseErrors.with({ kind: kindOf(error) }).increment();
        throw error;
      } finally {
        databaseSeconds.observe((performance.now() - startedMs) / 1_000);
      }
    };
  const prepare = database.prepare.bind(database);
  const observed = (statement: StatementSync): StatementSync =>
    Object.assign(statement, Object.fromEntries(TIMED.map((name) => [name, timed(statement[name].bind(statement) as never)])));
  Object.assign(database, {
    prepare: (...given: Parameters<typeof prepare>) => observed(prepare(...given)),
    exec: timed(database.exec.bind(database)),
  });
};

const kindOf = (error: unknown): string => {
  const { errcode } = error as { errcode?: unknown };
  const code = typeof errcode === 'number' ? errcode & 0xff : 0;
  return LOCKED.includes(code) ? 'locked' : (KINDS[code] ?? 'other');
};
