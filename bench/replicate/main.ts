/**
 * What following a database costs its application, and how soon what was committed is safe.
 * `node bench/replicate/main.ts [--dose full|medium|small] [--part full-speed|paced|large|truncating|loss|idle]`
 * Beside Litestream where LITESTREAM_BIN names its program, otherwise beside SQLite's online backup.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { reportResults } from '../results.ts';
import { berth } from './berth.ts';
import type { Contender } from './contender.ts';
import { litestream } from './litestream.ts';
import { onlineBackup } from './online-backup.ts';
import { type Dose, isPartName, PART_NAMES, type PartName, Parts, type Results } from './parts.ts';
import { renderResults } from './report.ts';

/** All of it, for three quarters of an hour. */
const full: Dose = {
  fullSpeedSeconds: 20,
  pacedSeconds: 30,
  largeMB: 1_000,
  largeSeconds: 600,
  truncatingSeconds: 15,
  kills: 8,
  backupEveryMs: 10_000,
  idleSeconds: 30,
};

const doses = {
  full,
  /** The same with a minute of history behind the large database instead of ten: ten minutes. */
  medium: { ...full, largeSeconds: 60 },
  small: {
    fullSpeedSeconds: 5,
    pacedSeconds: 8,
    largeMB: 100,
    largeSeconds: 8,
    truncatingSeconds: 6,
    kills: 2,
    backupEveryMs: 2_000,
    idleSeconds: 5,
  },
} as const satisfies Record<string, Dose>;

const isDose = (name: string): name is keyof typeof doses => name in doses;

const { values } = parseArgs({
  options: { dose: { type: 'string', default: 'full' }, part: { type: 'string', multiple: true } },
});
if (!isDose(values.dose)) throw new Error(`--dose is one of ${Object.keys(doses).join(', ')}`);
const dose: Dose = doses[values.dose];
const wanted = values.part?.filter(isPartName) ?? PART_NAMES;
if (wanted.length === 0) throw new Error(`--part is one of ${PART_NAMES.join(', ')}`);
const binary = process.env.LITESTREAM_BIN;
const peer = binary === undefined ? onlineBackup(dose.backupEveryMs) : litestream(binary);

const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-replicate-'));
try {
  const nobody = await measure(null);
  const ofPeer = await measure(peer);
  const ours = await measure(berth);
  reportResults('replicate', {
    title: 'Following a database',
    machine: describeMachine([]),
    sections: renderResults({ dose, peer: peer.name, nobody, ofPeer, ours }),
    keep: values.dose !== 'small' && values.part === undefined,
    data: { dose, peer: peer.name, nobody, ofPeer, ours },
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function measure(contender: Contender | null): Promise<Results> {
  const name = contender?.name ?? 'nobody';
  const parts = new Parts(contender, scratch, dose);
  const part = async <T>(partName: PartName, run: () => Promise<T>): Promise<T | null> => {
    if (!wanted.includes(partName)) return null;
    process.stderr.write(`${name}: ${partName}\n`);
    return await run();
  };
  return {
    fullSpeed: await part('full-speed', async () => await parts.fullSpeed()),
    paced: await part('paced', async () => await parts.paced()),
    large: await part('large', async () => await parts.large()),
    truncating: await part('truncating', async () => await parts.truncating()),
    loss: await part('loss', async () => await parts.loss()),
    idle: await part('idle', async () => await parts.idle()),
  };
}
