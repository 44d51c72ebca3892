import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Catalogue, readCatalogue } from '../catalogue.ts';
import { createDirectoryTarget } from '../directory-target.ts';
import { createPageTable } from '../page-table.ts';
import type { FromReplicator, Question, ReplicationPlan, ToReplicator } from '../replication-messages.ts';
import { restore } from '../restore.ts';
import { readSegmentTable } from '../segment-reader.ts';
import type { Places } from './round.ts';
import type { History, Replicator, Snapshot, Subject } from './subject.ts';

const DATABASE = 'app';
const READY_WITHIN_MS = 20_000;

/** This package's own replicator, of one database to one directory. */
export function replicaOf(places: Places): Subject {
  const { database, target: directory, state: stateDirectory } = places;
  const target = createDirectoryTarget(directory);
  return {
    start: async ({ faults, options }) => {
      const plan: ReplicationPlan = {
        databases: [{ path: database, id: DATABASE }],
        targets: [{ name: 'near', kind: 'directory', path: directory }],
        stateDirectory,
        options,
      };
      return await ReplicatorProcess.start(plan, { faults, diary: join(places.directory, 'notices.log') });
    },
    history: async () => await readHistory(target),
    restore: async (to, into) => {
      const where = to === 'latest' ? { to } : { to: { txid: to.txid }, lineage: to.lineage };
      await restore({ target, database: DATABASE, ...where, into, check: false });
    },
    checksum: checksumOf,
  };
}

class ReplicatorProcess implements Replicator {
  readonly #child: ChildProcess;
  readonly pids: readonly number[];
  readyAt: number | null = null;
  #isToldToEnd = false;
  #follows = false;
  #words = '';
  #asked = 0;

  static async start(plan: ReplicationPlan, { faults, diary }: { faults: string; diary: string }): Promise<ReplicatorProcess> {
    const replicator = new ReplicatorProcess(faults, diary);
    await replicator.#begin(plan);
    return replicator;
  }

  private constructor(faults: string, diary: string) {
    this.#child = fork(join(import.meta.dirname, '../replicator-process.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: faults === '' ? {} : { REPLICATE_FAULTS: faults },
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-4_000);
    });
    this.pids = this.#child.pid === undefined ? [] : [this.#child.pid];
    let hasBase = existsSync(diary) ? hasBaseAfter(readFileSync(diary, 'utf8')) : false;
    this.#child.on('message', (message: FromReplicator) => {
      if (message.type !== 'notice') return;
      const line = `${JSON.stringify({ at: Date.now(), pid: this.#child.pid, ...message.notice })}\n`;
      appendFileSync(diary, line);
      hasBase = hasBaseAfter(line) ?? hasBase;
      // Only this says which lineage is followed: one that has just begun has no snapshot yet, whatever the one before had.
      if (message.notice.name.startsWith('lineage.')) this.#follows = true;
      if (hasBase === true && this.#follows) this.readyAt ??= Date.now();
    });
  }

  complaint(): string | null {
    const { exitCode, signalCode } = this.#child;
    if (this.#isToldToEnd || (exitCode === null && signalCode === null)) return null;
    return `${exitCode ?? signalCode} ${this.#words}`;
  }

  async kill(): Promise<void> {
    this.#isToldToEnd = true;
    await this.#end('SIGKILL');
  }

  async close(withinMs: number): Promise<void> {
    // Unlike `stop`, which ships what it can, this says when not everything arrived.
    await this.#ask({ kind: 'flush', timeoutMs: withinMs }, withinMs + 2_000);
    await this.#ask({ kind: 'stop', timeoutMs: withinMs }, withinMs + 2_000);
    this.#isToldToEnd = true;
    await this.#end('SIGTERM');
  }

  async #begin(plan: ReplicationPlan): Promise<void> {
    const ready = this.#message((message) => message.type === 'ready', READY_WITHIN_MS);
    this.#tell({ type: 'plan', plan });
    await ready;
  }

  async #ask(question: Question, withinMs: number): Promise<void> {
    this.#asked += 1;
    const number = this.#asked;
    const answered = this.#message((message) => message.type === 'answer' && message.number === number, withinMs);
    this.#tell({ type: 'question', number, question });
    await answered;
  }

  #tell(message: ToReplicator): void {
    this.#child.send(message);
  }

  async #message(isIt: (message: FromReplicator) => boolean, withinMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const listen = (message: FromReplicator): void => {
      if (isIt(message)) resolve();
      else if (message.type === 'refusal') reject(new Error(`${message.error.code}: ${message.error.message}`));
    };
    const leave = (): void => reject(new Error(`the replicator ended (${this.complaint() ?? 'told to'})`));
    const timer = setTimeout(() => reject(new Error(`the replicator did not answer within ${withinMs} ms`)), withinMs);
    this.#child.on('message', listen).once('exit', leave);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#child.off('message', listen).off('exit', leave);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill(signal);
    const impatient = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await exited;
    clearTimeout(impatient);
  }
}

/**
 * Whether the target has a snapshot of the lineage that is followed: before that, nothing captured can be restored. Undefined
 * when the notices say nothing of it.
 */
function hasBaseAfter(notices: string): boolean | undefined {
  const [started, stored] = [notices.lastIndexOf('"lineage.started"'), notices.lastIndexOf('"snapshot.stored"')];
  return started === stored ? undefined : stored > started;
}

async function readHistory(target: ReturnType<typeof createDirectoryTarget>): Promise<History> {
  const catalogue: Catalogue = await readCatalogue(target, DATABASE);
  const states: { lineage: string; txid: number; checksum: string }[] = [];
  const snapshots: Snapshot[] = [];
  let reconciles = 0;
  for (const lineage of catalogue.lineages) {
    for (const { name } of [...lineage.snapshots, ...lineage.segments]) {
      const { header, transactions } = await readSegmentTable(await target.get(name, {}), name);
      if (header.kind === 'snapshot') {
        const { maxTxid: txid, pageSize } = header;
        snapshots.push({ lineage: lineage.id, txid, pageSize, parent: lineage.parent?.lineage ?? null });
      }
      if (header.kind === 'reconcile') reconciles += 1;
      for (const { txid, checksum } of transactions) states.push({ lineage: lineage.id, txid, checksum });
    }
  }
  return { states, snapshots: snapshots.toSorted((a, b) => a.txid - b.txid), reconciles };
}

function checksumOf(image: Buffer): string {
  const written = image.readUInt16BE(16);
  const pageSize = written === 1 ? 65_536 : written;
  const table = createPageTable(pageSize);
  for (let page = 1; page * pageSize <= image.length; page += 1) {
    table.update(page, image.subarray((page - 1) * pageSize, page * pageSize));
  }
  return table.checksum;
}
