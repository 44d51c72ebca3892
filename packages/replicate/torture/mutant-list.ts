import type { Scene } from './round-plan.ts';

/** A way in which the replicator could be wrong, and the windows that give the mistake time to show. */
export type Mutant = {
  readonly name: string;
  readonly changes: readonly Change[];
  /** As for REPLICATE_FAULTS. */
  readonly windows: string;
  /** Rounds in which this happens more often than by chance. */
  readonly scene?: Scene;
};

/** What stands at exactly one place of a file, and what stands there instead. */
type Change = { readonly file: string; readonly from: string; readonly to: string };

const noBarrier: Change = { file: 'checkpoint.ts', from: `if (!connections.lockWriters()) return 'deferred';`, to: '' };
const lettingGo: Change = {
  file: 'checkpoint.ts',
  from: `database.connections.moveHold();`,
  to: `database.connections.release();
    followed.fault('mutant.released');
    database.connections.hold();`,
};
const anyLogFollows: Change = {
  file: 'capture.ts',
  from: `if (!followed.complete) throw new ContinuityLostError('the log was restarted');`,
  to: '',
};

/**
 * Some need a second change: the replicator would notice the first, and compare all pages. That costs and must be complained
 * about too, which is why both are here.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'no barrier at the checkpoint',
    changes: [noBarrier],
    windows: 'barrier.captured:sleep=30,barrier.moved:sleep=30',
    scene: 'quiet',
  },
  {
    name: 'no barrier, and no look behind it',
    changes: [
      noBarrier,
      { file: 'checkpoint.ts', from: 'followed.complete = isComplete(followed);', to: 'followed.complete = true;' },
    ],
    windows: 'barrier.captured:sleep=60,barrier.unlocked:sleep=60',
    scene: 'quiet',
  },
  { name: 'the reader lets go before the capture', changes: [lettingGo], windows: 'mutant.released:sleep=40', scene: 'quiet' },
  {
    name: 'the reader lets go, and any log follows any other',
    changes: [lettingGo, anyLogFollows],
    windows: 'mutant.released:sleep=40',
    scene: 'quiet',
  },
  {
    name: 'no rule of the salts on resume',
    changes: [
      { file: 'attach.ts', from: 'if (isContinued(parts, position)) {', to: 'if (position.log !== undefined) {' },
      { file: 'attach.ts', from: 'followed.complete = isDrained(followed);', to: 'followed.complete = true;' },
    ],
    windows: 'attach.recalled:sleep=50',
    scene: 'restarts',
  },
  {
    name: 'the position is saved before the segment',
    changes: [
      {
        file: 'capture.ts',
        from: 'const stored = await followed.queue.store({ ...range, at, since }, stream);',
        to: `const parts: Buffer[] = [];
  for await (const part of stream) parts.push(Buffer.from(part));
  const early = { txid: range.maxTxid, pages: table.pages, checksum: table.checksum, link: stream.summary.link, at, log: last.end };
  savePosition(followed.directory, { ...position, ...early, sequence: followed.queue.lastSequence + 1 }, followed.fault);
  followed.fault('mutant.early');
  const stored = await followed.queue.store({ ...range, at, since }, (async function* () { yield* parts; })());`,
      },
    ],
    windows: 'mutant.early:sleep=40',
    scene: 'restarts',
  },
  {
    name: 'segments behind the position are kept',
    changes: [
      { file: 'attach.ts', from: 'sequence > (position?.sequence ?? 0)', to: 'sequence > Infinity' },
      { file: 'replicator.ts', from: 'queue.remove(queue.entries.filter(({ sequence }) => sequence > saved));', to: '' },
    ],
    windows: 'segment.stored:sleep=40',
    scene: 'restarts',
  },
  {
    name: 'a snapshot of the database file alone',
    changes: [{ file: 'whole-database.ts', from: 'log: complete ? undefined : log', to: 'log: undefined' }],
    windows: 'snapshot.reading:sleep=20',
  },
  {
    name: 'an object may be replaced',
    changes: [
      {
        file: 'directory-target.ts',
        from: '(ifAbsent ? link(temporary, file) : rename(temporary, file))',
        to: 'rename(temporary, file)',
      },
    ],
    windows: '',
    scene: 'rivals',
  },
];
