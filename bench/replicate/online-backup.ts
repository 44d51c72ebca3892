import { closeSync, copyFileSync, fsyncSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Program } from '../program.ts';
import type { Contender, Follower } from './contender.ts';

/** SQLite's own way to copy a database in use. It ships all of it each time: the more often, the more load, the less loss. */
export const onlineBackup = (everyMs: number): Contender => ({
  name: `online backup every ${everyMs / 1000} s`,
  start: async (database, target) => {
    const program = join(import.meta.dirname, 'online-backup-process.ts');
    const logFile = join(target, 'backup.log');
    const copier = new Program([process.execPath, program, database, join(target, 'copy.db'), String(everyMs)], { logFile });
    const copies = (): number => readCount(logFile);
    const follower: Follower = {
      pids: [copier.pid],
      // The next copy that begins after this moment has it all: that is the one after the next to be ready.
      flush: async () => {
        const before = copies();
        await copier.until(async () => copies() >= before + 2, { withinMs: 120_000 });
      },
      kill: async () => await copier.stop('SIGKILL'),
      stored: async () => null,
      requests: async () => null,
      snapshots: async () => copies(),
      [Symbol.asyncDispose]: async () => await copier.stop('SIGKILL'),
    };
    await copier.until(async () => copies() >= 1, { withinMs: 120_000 });
    return follower;
  },
  restore: async (target, into) => {
    copyFileSync(join(target, 'copy.db'), into);
    const file = openSync(into, 'r');
    fsyncSync(file);
    closeSync(file);
  },
});

function readCount(logFile: string): number {
  return readFileSync(logFile, 'utf8').split('\n').length - 1;
}
