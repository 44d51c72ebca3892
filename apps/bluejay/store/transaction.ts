/** All or nothing. */
import type { DatabaseSync } from 'node:sqlite';

/**
 * Runs the work in one write transaction, or inside the one that is open as a part that can fail alone. Whatever it throws goes
 * on, and nothing of the work remains. The write lock is taken at the start: what was read cannot have changed when it is written.
 */
export const inTransaction = <T>(database: DatabaseSync, work: () => T): T => {
  const [begin, commit, rollback] = database.isTransaction
    ? ['SAVEPOINT part', 'RELEASE part', 'ROLLBACK TO part; RELEASE part']
    : ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK'];
  database.exec(begin);
  try {
    const result = work();
    database.exec(commit);
    return result;
  } catch (error) {
    // A full disk has already ended the transaction.
    if (database.isTransaction) database.exec(rollback);
    throw error;
  }
};
