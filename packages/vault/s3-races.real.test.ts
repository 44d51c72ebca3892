/** Real: hundreds of races of two writers, over an endpoint that fails in every way that it knows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '@berth/replicate';
import { createRandom, createS3Server, S3_TEST_CREDENTIALS, type S3Fault } from '@berth/testing';
import { read } from './conformance.ts';
import { createS3Target } from './index.ts';

const FAULTS: readonly S3Fault[] = [
  { kind: 'status', status: 500 },
  { kind: 'status', status: 503 },
  { kind: 'status', status: 409 },
  { kind: 'reset' },
  { kind: 'reset', afterBytes: 1000 },
  { kind: 'truncate', bytes: 500 },
  { kind: 'error-body' },
  { kind: 'hang' },
  { kind: 'lose-response' },
  { kind: 'lose-write' },
  { kind: 'skew', ms: 3_600_000 },
];

for (let seed = 1; seed <= 20; seed += 1)
  test(`of two writers of an absent object one wins, and its bytes are there (seed ${seed})`, { timeout: 60_000 }, async () => {
    const random = createRandom(seed);
    await using server = await createS3Server({
      buckets: ['vault'],
      fault: () => (random.boolean(0.25) ? random.pick(FAULTS) : undefined),
    });
    const open = (): Target =>
      createS3Target({
        bucket: 'vault',
        endpoint: server.endpoint,
        credentials: S3_TEST_CREDENTIALS,
        retry: { firstDelayMs: 1, longestDelayMs: 20, attemptMs: 150, totalMs: 30_000 },
        conditionalWrites: 'trust',
      });
    const writers = [open(), open()];
    for (let round = 0; round < 15; round += 1) {
      const name = `segment-${round}`;
      // Of the same size, so that the size alone tells nothing.
      const bodies = writers.map((_, index) => random.text(3000) + index);
      const outcomes = await Promise.allSettled(
        writers.map((target, index) => target.put(name, Buffer.from(bodies[index] ?? ''), { ifAbsent: true })),
      );
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'TARGET_EXISTS', String(outcome.reason));
      const won = bodies.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      assert.equal(won.length, 1, `round ${round}: ${won.length} of 2 were told that they had written`);
      assert.equal(await read(open(), name), won[0]);
    }
  });
