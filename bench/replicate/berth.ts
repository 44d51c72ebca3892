import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createDirectoryTarget, parseObjectName, restore, startReplication } from '@berth/replicate';
import type { Contender, Stored } from './contender.ts';

const DATABASE = 'app';
const PATIENCE = { timeoutMs: 120_000 };

/** Our own replicator with its defaults. */
export const berth: Contender = {
  name: 'ours',
  start: async (database, target) => {
    const stateDirectory = join(target, '../state');
    mkdirSync(stateDirectory, { recursive: true });
    const replication = await startReplication({
      databases: [{ path: database, id: DATABASE }],
      targets: [{ name: 'near', kind: 'directory', path: target }],
      stateDirectory,
    });
    const { pid } = replication;
    if (pid === undefined) throw new Error('the replicator did not start');
    await replication.flush(PATIENCE);
    return {
      pids: [pid],
      flush: async () => {
        await replication.flush(PATIENCE);
      },
      // The process that asked for it does not start it again once it is told to stop: so it is told, and killed before it can.
      kill: async () => {
        process.kill(pid, 'SIGKILL');
        await replication.stop({ timeoutMs: 0 });
      },
      stored: async () => storedIn(target),
      requests: async () => {
        const { databases } = await replication.status();
        return databases.flatMap(({ targets }) => targets).reduce((sum, { requests }) => sum + requests, 0);
      },
      snapshots: async () => objectsIn(target).filter(({ name }) => parseObjectName(name)?.kind === 'snapshot').length,
      [Symbol.asyncDispose]: async () => await replication.stop({ timeoutMs: 10_000 }),
    };
  },
  restore: async (target, into) => {
    await restore({ target: createDirectoryTarget(target), database: DATABASE, to: 'latest', into, check: false });
  },
};

/** An object gets its name when it is on the disk; that its temporary name went away is the last that happens to it. */
function storedIn(target: string): Stored[] {
  return objectsIn(target).flatMap(({ name, changedAt }) => {
    const parsed = parseObjectName(name);
    if (parsed?.kind === 'log' || parsed?.kind === 'merged') return [{ upTo: parsed.maxTxid, at: changedAt }];
    return parsed?.kind === 'snapshot' ? [{ upTo: parsed.txid, at: changedAt }] : [];
  });
}

function objectsIn(target: string): { name: string; changedAt: number }[] {
  return readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return { name: path.slice(target.length + 1), changedAt: statSync(path).ctimeMs };
    });
}
