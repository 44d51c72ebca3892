import assert from 'node:assert/strict';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { DatabaseImage } from './database-image.ts';
import { type Places, placesIn, playRound } from './round.ts';
import { planRound, type RoundPlan } from './round-plan.ts';
import type { Subject } from './subject.ts';

/** Copies the database when it is closed, and spoils the copy: what the harness says of it is what is tested here. */
function copier({ database, target }: Places, spoil: (image: Buffer) => Buffer): Subject {
  const copy = join(target, 'copy');
  let readyAt = 0;
  return {
    start: async () => {
      readyAt = Date.now();
      const close = async (): Promise<void> => writeFileSync(copy, spoil(new DatabaseImage(database).read()));
      return { pids: [], readyAt, complaint: () => null, kill: async () => undefined, close };
    },
    history: async () => ({ states: [], snapshots: [], reconciles: 0 }),
    restore: async (_, into) => copyFileSync(copy, into),
    checksum: () => '',
  };
}

const spoilt: Record<string, { spoil: (image: Buffer) => Buffer; sampled: number; complaint: RegExp | null }> = {
  'a whole copy': { spoil: (image) => image, sampled: 0, complaint: null },
  'a copy with one bit flipped': {
    spoil: (image) => {
      image[image.length - 1] = (image[image.length - 1] ?? 0) ^ 1;
      return image;
    },
    sampled: 0,
    complaint: /the latest state differs: 1 of \d+ pages/,
  },
  'a copy without its last page': {
    spoil: (image) => image.subarray(0, -4096),
    sampled: 0,
    complaint: /the latest state differs/,
  },
  'a whole copy without the states before': { spoil: (image) => image, sampled: 0.3, complaint: /is not in the history/ },
};

for (const [name, { spoil, sampled, complaint }] of Object.entries(spoilt)) {
  test(`the torture ${complaint === null ? 'accepts' : 'complains about'} ${name}`, async ({ signal }) => {
    await using directory = await temporaryDirectory();
    const places = placesIn(directory.path);
    const shape = { workMs: 1_000, windows: [], allWindows: false, scene: 'quiet' as const };
    const plan: RoundPlan = {
      ...planRound(7, shape),
      pageSize: 4096,
      sampled,
      end: { writers: 'killed', killReplicator: false },
    };
    const verdict = await playRound(plan, { places, subject: copier(places, spoil), signal, writersSqlite: {} });
    if (complaint === null) assert.deepEqual(verdict?.complaints, []);
    else assert.match((verdict?.complaints ?? []).join('\n'), complaint);
  });
}
