import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { checkpointedCopy, publishedCopy } from './final-state.ts';
import type { Places, Watch } from './round.ts';
import { mayCoalesce, type RoundPlan } from './round-plan.ts';
import type { History, State, Subject } from './subject.ts';
import type { Sample } from './writers.ts';

export type Verdict = {
  readonly complaints: readonly string[];
  readonly states: number;
  readonly snapshots: number;
  readonly reconciles: number;
  readonly samples: number;
  /** The versions of SQLite that wrote. */
  readonly versions: readonly string[];
  /** Samples that were restored as a transaction of their own and compared. */
  readonly compared: number;
  /** Samples taken while no one followed, which a later difference may have swallowed. */
  readonly swallowed: number;
  readonly bytes: number;
};

type Evidence = {
  readonly plan: RoundPlan;
  readonly places: Places;
  readonly subject: Subject;
  readonly samples: readonly Sample[];
  readonly versions: readonly string[];
  readonly watches: readonly Watch[];
  readonly complaints: readonly string[];
};

/** A state committed this long before the replicator was killed must be in the history as a transaction of its own. */
const CAPTURED_WITHIN_MS = 3_000;

/** What must hold when all is still: see the messages. */
export async function judge(evidence: Evidence): Promise<Verdict> {
  const { places, subject, samples } = evidence;
  const complaints = [...evidence.complaints];
  const truth = checkpointedCopy(places);
  const or = publishedCopy(places);
  let history: History = { states: [], snapshots: [], reconciles: 0 };
  let compared = 0;
  let swallowed = 0;
  try {
    complaints.push(...(await compareRestored({ ...evidence, to: 'latest', truth, or, what: 'the latest state' })));
    complaints.push(...integrityComplaints(join(places.directory, 'restored.db')));
    history = await subject.history();
    complaints.push(...surplusComplaints(history, evidence));
    for (const sample of samples) {
      const image = readFileSync(sample.image);
      const checksum = subject.checksum(image);
      const state = history.states.findLast((one) => one.checksum === checksum);
      if (state !== undefined) {
        const what = `transaction ${state.txid} of ${state.lineage} (${sample.act}, ${sample.image})`;
        complaints.push(...(await compareRestored({ ...evidence, to: state, truth: image, what })));
        compared += 1;
      } else if (mustBeThere(sample, evidence)) {
        complaints.push(`a state committed under the replicator's eyes is not in the history (${sample.act}, ${sample.image})`);
      } else {
        swallowed += 1;
      }
    }
  } catch (error) {
    complaints.push(`the target cannot be read: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  const { states, snapshots, reconciles } = history;
  const counts = { states: states.length, snapshots: snapshots.length, reconciles, samples: samples.length, compared, swallowed };
  return { complaints, ...counts, versions: evidence.versions, bytes: truth.length };
}

type Comparison = Evidence & {
  readonly to: State | 'latest';
  readonly truth: Buffer;
  /** As good as the truth. */
  readonly or?: Buffer | undefined;
  readonly what: string;
};

async function compareRestored({ subject, places, to, truth, or, what }: Comparison): Promise<string[]> {
  const restored = join(places.directory, 'restored.db');
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${restored}${suffix}`, { force: true });
  try {
    await subject.restore(to, restored);
  } catch (error) {
    return [`${what} cannot be restored: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`];
  }
  const found = readFileSync(restored);
  return found.equals(truth) || or?.equals(found) === true ? [] : [`${what} differs: ${describeDifference(truth, found)}`];
}

function describeDifference(truth: Buffer, found: Buffer): string {
  const written = truth.readUInt16BE(16);
  const pageSize = written === 1 ? 65_536 : written;
  if (truth.length !== found.length)
    return `${found.length / pageSize} pages of ${pageSize} instead of ${truth.length / pageSize}`;
  const pages: number[] = [];
  for (let at = 0; at < truth.length; at += pageSize) {
    if (truth.compare(found, at, at + pageSize, at, at + pageSize) !== 0) pages.push(at / pageSize + 1);
  }
  return `${pages.length} of ${truth.length / pageSize} pages of ${pageSize}, the first of them ${pages.slice(0, 8).join(', ')}`;
}

function integrityComplaints(path: string): string[] {
  if (!existsSync(path)) return [];
  // Immutable: opening it for a look leaves neither a log nor a lock behind.
  const database = new DatabaseSync(`file:${path}?immutable=1`, { readOnly: true });
  try {
    const rows = database.prepare('PRAGMA integrity_check').all();
    const answers = rows.map(({ integrity_check }) => String(integrity_check));
    return answers.every((answer) => answer === 'ok')
      ? []
      : [`integrity_check of the latest state: ${answers.slice(0, 3).join('; ')}`];
  } finally {
    database.close();
  }
}

/**
 * One snapshot begins the history, and one more each time that the page size became another. What was missed is shipped as a
 * difference, and nothing is missed but while no one followed. A size that came and went between two snapshots left a lineage
 * whose own never arrived: the later one continues it, and not the one of the snapshot before.
 */
function surplusComplaints({ snapshots, reconciles }: History, { watches, plan }: Evidence): string[] {
  const complaints: string[] = [];
  const surplus = snapshots.filter(({ pageSize, parent, lineage }, index) => {
    const former = snapshots[index - 1];
    if (former === undefined || pageSize !== former.pageSize) return false;
    return lineage === former.lineage || parent === null || parent === former.lineage;
  });
  if (surplus.length > 0)
    complaints.push(`${surplus.length} snapshots more than needed, at ${surplus.map(({ txid }) => txid).join(', ')}`);
  const restarts = watches.length - 1;
  if (reconciles > restarts && !mayCoalesce(plan))
    complaints.push(`${reconciles} differences shipped after ${restarts} restarts`);
  return complaints;
}

function mustBeThere({ committedAt }: Sample, { watches, plan }: Evidence): boolean {
  if (mayCoalesce(plan)) return false;
  return watches.some(
    ({ from, to, isClosed }) => committedAt >= from && (isClosed ? committedAt <= to : committedAt + CAPTURED_WITHIN_MS < to),
  );
}
