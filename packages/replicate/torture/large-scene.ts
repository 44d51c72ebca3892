/** A large database, its application, a replicator, and a target behind a slow line: what is played with it is told line by line. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { checksumOfFile, createDirectoryTarget, type Notice, type Replication, restore, startReplication } from '../index.ts';
import type { LargeAnswer, LargeTask } from './large-writer.ts';
import type { PeakMemory } from './large-memory.ts';
import type { SlowDirectory } from './large-target.ts';

const PAGE_BYTES = 4096;
const MEMORY_BYTES = 256 << 20;

export type LargeScene = {
  /** Where the database is, and what waits for the target. */
  readonly home: string;
  /** Where the target is, and what is restored. */
  readonly away: string;
  readonly mbPerSecond: number;
  /** Longer than this nothing may take. */
  readonly timeoutMs: number;
};

export const say = (line: string): void => void process.stdout.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
export const mb = (count: number): string => `${Math.round(count / 2 ** 20)} MB`;
export const inSeconds = (fromMs: number): string => `${((performance.now() - fromMs) / 1000).toFixed(1)} s`;

export const tellCommits = ({ transactions, seconds, refused, median, p99, worst }: LargeAnswer): string =>
  `${(transactions / seconds).toFixed(0)} tx/s, commit median ${median.toFixed(2)}, p99 ${p99.toFixed(2)}, worst ${worst.toFixed(0)} ms` +
  (refused > 0 ? `, ${refused} refused` : '');

export const openLargeScene = ({ home, away, mbPerSecond, timeoutMs }: LargeScene) => {
  const path = join(home, 'app.db');
  const target = join(away, 'target');
  const memory = join(away, 'memory.json');
  const complaints: string[] = [];
  const notices: Notice[] = [];

  const openApplication = () => {
    const child = fork(join(import.meta.dirname, 'large-writer.ts'), [path]);
    const perform = async (task: LargeTask): Promise<LargeAnswer> => {
      const over = new AbortController();
      const answered = Promise.race([
        once(child, 'message', over),
        once(child, 'exit', over).then(([code]) => {
          throw new Error(`the application ended with ${String(code)}`);
        }),
      ]);
      child.send(task);
      const [answer] = await answered.finally(() => over.abort());
      return answer as LargeAnswer;
    };
    return { perform, end: (): void => void child.kill() };
  };

  /** The state directory stays: what is started again goes on where it was. */
  const replicate = async (): Promise<Replication> => {
    const sampler = new URL('./large-memory.ts', import.meta.url);
    sampler.searchParams.set('file', memory);
    const options: SlowDirectory = { path: target, bytesPerSecond: mbPerSecond * 1e6 };
    return await startReplication(
      {
        databases: [{ id: 'app', path }],
        targets: [{ kind: 'module', name: 'far', url: import.meta.resolve('./large-target.ts'), options }],
        stateDirectory: join(home, 'state'),
      },
      {
        env: { NODE_OPTIONS: `--import=${sampler.href}` },
        onNotice: (notice) => {
          notices.push(notice);
          say(`  ${notice.name} ${JSON.stringify(notice.fields)}`);
        },
      },
    );
  };

  return {
    path,
    complaints,
    openApplication,
    replicate,

    async untilTold(name: Notice['name']): Promise<void> {
      for (const until = performance.now() + timeoutMs; !notices.some((notice) => notice.name === name); await sleep(100)) {
        if (performance.now() > until) throw new Error(`${name} was not told`);
      }
    },

    /** Samples while `work` is done: the log at its largest. */
    async watching<T>(work: Promise<T>): Promise<{ value: T; logBytes: number }> {
      let logBytes = 0;
      const look = (): void => {
        logBytes = Math.max(logBytes, statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0);
      };
      const timer = setInterval(look, 250);
      try {
        return { value: await work, logBytes };
      } finally {
        clearInterval(timer);
        look();
      }
    },

    /** While the application is quiet: what its log holds goes into the file, without which nothing can be compared. */
    emptyLog(): void {
      const database = new DatabaseSync(path, { timeout: 30_000 });
      database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      database.close();
    },

    async compare(what: string): Promise<void> {
      const from = performance.now();
      const into = join(away, 'restored.db');
      await restore({ target: createDirectoryTarget(target), database: 'app', to: 'latest', into });
      const took = inSeconds(from);
      const [source, copy] = [checksumOfFile(path, PAGE_BYTES), checksumOfFile(into, PAGE_BYTES)];
      const isEqual = source === copy && statSync(into).size === statSync(path).size;
      say(`${what}: ${mb(statSync(into).size)} restored in ${took}, ${isEqual ? 'equal' : `DIFFERENT: ${source} ${copy}`}`);
      if (!isEqual) complaints.push(`${what}: the restored database is another`);
      rmSync(into);
    },

    tellMemory(): void {
      const { rss, heapUsed, external } = JSON.parse(readFileSync(memory, 'utf8')) as PeakMemory;
      say(`replicator at most: ${mb(rss)} resident, heap ${mb(heapUsed)}, buffers ${mb(external)}`);
      if (rss > MEMORY_BYTES) complaints.push(`the replicator used ${mb(rss)}`);
    },
  };
};
