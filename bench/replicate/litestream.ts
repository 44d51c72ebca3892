import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Program } from '../program.ts';
import type { Contender } from './contender.ts';

const exec = promisify(execFile);

/** Litestream with a replica in a directory and its own defaults: a sync every second. */
export function litestream(binary: string): Contender {
  const configurationIn = (target: string): string => join(target, '..', 'litestream.yml');
  return {
    name: 'Litestream',
    start: async (database, target) => {
      const configuration = configurationIn(target);
      const logFile = join(target, '..', 'litestream.log');
      writeFileSync(configuration, `dbs:\n  - path: ${database}\n    replicas:\n      - type: file\n        path: ${target}\n`);
      const program = new Program([binary, 'replicate', '-config', configuration], { logFile });
      // It does not say when its first copy is complete; that it names the snapshot that it wrote is as near as one gets.
      await program.until(async () => /snapshot (written|complete)|replica sync/.test(readFileSync(logFile, 'utf8')), {
        withinMs: 120_000,
      });
      return {
        pids: [program.pid],
        // Ends at SIGTERM with a last sync of everything.
        flush: async () => await program.stop('SIGTERM', 60_000),
        kill: async () => await program.stop('SIGKILL'),
        stored: async () => null,
        requests: async () => null,
        snapshots: async () => null,
        [Symbol.asyncDispose]: async () => await program.stop('SIGKILL'),
      };
    },
    restore: async (target, into) => {
      await exec(binary, ['restore', '-o', into, `file://${target}`]);
    },
  };
}
