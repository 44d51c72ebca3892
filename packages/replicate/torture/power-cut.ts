/** Power cuts at many moments of one recorded run, and what they may leave on the disk. */
import type { DiskEntry } from './power-cut-log.ts';
import { diskAfterCut, type LossKind, lossesOf } from './power-cut-disk.ts';
import { judgePowerCut } from './power-cut-judge.ts';
import type { PowerCutPlaces, RecordedRun } from './power-cut-run.ts';
import { createRandom } from './random.ts';

/** A replicator that does not sync something, as its log of the disk would be. */
export type Negligence = { readonly name: string; readonly skips: (path: string) => boolean };

export type PowerCutsOptions = {
  readonly places: PowerCutPlaces;
  readonly seed: number;
  readonly cuts: number;
  /** States that are compared for each cut. */
  readonly states: number;
  readonly negligence?: Negligence;
  /** Ends with the first complaint. */
  readonly untilComplaint?: boolean;
  readonly say: (line: string) => void;
};

export const playPowerCuts = async (run: RecordedRun, options: PowerCutsOptions): Promise<string[]> => {
  const { places, seed, cuts, states, negligence, say } = options;
  const random = createRandom(seed);
  const disk = negligence === undefined ? run.disk : neglect(run.disk, negligence);
  const complaints: string[] = [];
  for (let number = 1; number <= cuts; number += 1) {
    const cut = random.integer(1, disk.length);
    const kind = random.pick(negligence === undefined ? EVERY_LOSS : LARGE_LOSSES);
    const losses = lossesOf(kind, random);
    const lostCommits = random.boolean(0.3) ? random.integer(1, 3) : 0;
    const at = disk[cut]?.at ?? Number.POSITIVE_INFINITY;
    const tree = diskAfterCut(disk, { roots: [places.state, places.target], cut, losses });
    const verdict = await judgePowerCut(run, { places, cut: { at, disk: tree, lostCommits, states } });
    const what = `cut ${number}, behind ${cut} of ${disk.length}, loses ${kind} and ${lostCommits} commits: ${verdict.how}`;
    say(what);
    complaints.push(...verdict.complaints.map((complaint) => `${what}: ${complaint}`));
    if (complaints.length > 0 && options.untilComplaint === true) break;
  }
  return complaints;
};

const EVERY_LOSS: readonly [LossKind, ...LossKind[]] = [
  'nothing',
  'everything',
  'names',
  'bytes',
  'zeros',
  'anything',
  'anything',
];

const LARGE_LOSSES: typeof EVERY_LOSS = ['everything', 'anything'];

/** The same, without the syncs of what the negligent one skips; `from` counts the entries that are left. */
export const neglect = (log: readonly DiskEntry[], { skips }: Negligence): DiskEntry[] => {
  const skipped = new Set(log.flatMap((entry) => (entry.op === 'open' && skips(entry.path) ? [entry.handle] : [])));
  const left: DiskEntry[] = [];
  /** How many of the first entries are left. */
  const leftOf: number[] = [0];
  for (const entry of log) {
    if (entry.op !== 'sync' || !skipped.has(entry.handle))
      left.push(entry.op === 'sync' ? { ...entry, from: leftOf[entry.from] ?? 0 } : entry);
    leftOf.push(left.length);
  }
  return left;
};
