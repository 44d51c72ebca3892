import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { BerthError } from '@berth/core';
import type { Target } from '@berth/replicate';

export type TargetCheck = {
  /** A sentence of what has to hold. */
  readonly name: string;
  readonly outcome: 'passed' | 'failed' | 'not tried';
  /** What was seen. */
  readonly evidence: string;
  readonly ms: number;
};

export type TargetReport = { readonly ok: boolean; readonly checks: readonly TargetCheck[] };

export type CheckTargetOptions = {
  readonly signal?: AbortSignal;
  /** Also writes and reads an object of that size; at least 16 MiB shows that S3 takes parts. */
  readonly largeBytes?: number;
  /** How long a list may be late. */
  readonly listWithinMs?: number;
};

/**
 * Tries out everything that a replica needs of a target, with objects of its own that it deletes again. Only an abort throws; what
 * does not hold is in the report. Nothing further is tried where nothing can be written.
 */
export const checkTarget = async (target: Target, options: CheckTargetOptions = {}): Promise<TargetReport> => {
  const { signal, largeBytes, listWithinMs = 10_000 } = options;
  const under = `berth-check-${randomUUID()}`;
  const trial: Trial = { target, under, signal, first: randomBytes(SMALL_BYTES), second: randomBytes(SMALL_BYTES) };
  const steps = [
    ...STEPS,
    { name: 'a list shows it with its size', run: (state: Trial) => seeInList(state, listWithinMs) },
    ...(largeBytes === undefined
      ? []
      : [{ name: 'a large object comes back as it was', run: (state: Trial) => tryLarge(state, largeBytes) }]),
    { name: 'what is deleted is gone', run: seeGone },
  ];
  const checks: TargetCheck[] = [];
  try {
    for (const [index, { name, run }] of steps.entries()) {
      if (checks[0]?.outcome === 'failed' && index > 0) checks.push({ name, outcome: 'not tried', evidence: '', ms: 0 });
      else checks.push(await check(name, () => run(trial), signal));
    }
  } finally {
    // What is left after a failure is ours alone; the failure itself has been reported.
    await target
      .delete(
        NAMES.map((name) => `${under}/${name}`),
        signal,
      )
      .catch(() => undefined);
  }
  return { ok: checks.every(({ outcome }) => outcome === 'passed'), checks };
};

type Trial = {
  readonly target: Target;
  readonly under: string;
  readonly signal: AbortSignal | undefined;
  readonly first: Buffer;
  readonly second: Buffer;
};

/** Throws what is wrong, gives what was seen. */
type Step = { readonly name: string; readonly run: (trial: Trial) => Promise<string> };

const SMALL_BYTES = 64 * 1024;
const NAMES = ['object', 'race', 'large'];

const STEPS: readonly Step[] = [
  {
    name: 'an object is written',
    async run(trial) {
      await put(trial, 'object', trial.first);
      return `${SMALL_BYTES} bytes`;
    },
  },
  {
    name: 'it is read back as it was',
    async run(trial) {
      compare(await read(trial, 'object'), trial.first);
      return `${SMALL_BYTES} bytes are the same`;
    },
  },
  {
    name: 'a part of it can be read',
    async run(trial) {
      compare(await read(trial, 'object', { from: 1000, length: 500 }), trial.first.subarray(1000, 1500));
      return '500 bytes from its middle are the same';
    },
  },
  {
    name: 'a new version is what is read from then on',
    async run(trial) {
      await put(trial, 'object', trial.second);
      compare(await read(trial, 'object'), trial.second);
      return 'the new bytes came at once';
    },
  },
  {
    name: 'what is there is not replaced by a write that asks for nothing to be there',
    async run(trial) {
      const refused = await refusal(put(trial, 'object', trial.first, true), 'TARGET_EXISTS');
      compare(await read(trial, 'object'), trial.second);
      return refused;
    },
  },
  {
    name: 'of two such writes at the same moment, one wins',
    async run(trial) {
      const bodies = [trial.first, trial.second];
      const outcomes = await Promise.allSettled(bodies.map((body) => put(trial, 'race', body, true)));
      const winners = bodies.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      const [winner] = winners;
      for (const outcome of outcomes) if (outcome.status === 'rejected') requireCode(outcome.reason, 'TARGET_EXISTS');
      if (winner === undefined || winners.length > 1) throw new Error(`${winners.length} of 2 were told that they had written`);
      compare(await read(trial, 'race'), winner);
      return 'the other was refused';
    },
  },
  {
    name: 'what was never written is said to be missing',
    run: (trial) => refusal(read(trial, 'nothing'), 'TARGET_OBJECT_MISSING'),
  },
];

const check = async (name: string, run: () => Promise<string>, signal: AbortSignal | undefined): Promise<TargetCheck> => {
  signal?.throwIfAborted();
  const began = performance.now();
  const done = (outcome: TargetCheck['outcome'], evidence: string): TargetCheck => ({
    name,
    outcome,
    evidence,
    ms: Math.round(performance.now() - began),
  });
  try {
    return done('passed', await run());
  } catch (error) {
    signal?.throwIfAborted();
    return done('failed', error instanceof Error ? error.message : String(error));
  }
};

const put = ({ target, under, signal }: Trial, name: string, body: Uint8Array, ifAbsent = false): Promise<void> =>
  target.put(`${under}/${name}`, body, { ifAbsent, ...(signal === undefined ? {} : { signal }) });

const read = async (
  { target, under, signal }: Trial,
  name: string,
  part: { from?: number; length?: number } = {},
): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await target.get(`${under}/${name}`, { ...part, ...(signal === undefined ? {} : { signal }) }))
    chunks.push(chunk);
  return Buffer.concat(chunks);
};

const compare = (got: Buffer, wanted: Buffer): void => {
  if (got.length !== wanted.length) throw new Error(`${wanted.length} bytes were written, ${got.length} came back`);
  if (!got.equals(wanted)) throw new Error('other bytes came back than were written');
};

const refusal = async (work: Promise<unknown>, code: string): Promise<string> => {
  try {
    await work;
  } catch (error) {
    requireCode(error, code);
    return 'it was refused';
  }
  throw new Error('it was not refused');
};

const requireCode = (error: unknown, code: string): void => {
  if (!(error instanceof BerthError && error.code === code)) throw error;
};

const seeInList = async ({ target, under, signal }: Trial, withinMs: number): Promise<string> => {
  const began = performance.now();
  for (;;) {
    const seen: string[] = [];
    for await (const { name, bytes } of target.list(`${under}/`, signal)) seen.push(`${name} ${bytes}`);
    const lateMs = Math.round(performance.now() - began);
    if (seen.includes(`${under}/object ${SMALL_BYTES}`)) return lateMs < 1000 ? 'at once' : `${lateMs} ms late`;
    if (lateMs >= withinMs) throw new Error(`after ${lateMs} ms the list shows ${seen.join(', ') || 'nothing'}`);
    await delay(Math.min(500, withinMs / 10));
  }
};

const tryLarge = async (trial: Trial, bytes: number): Promise<string> => {
  const body = randomBytes(bytes);
  await put(trial, 'large', body);
  compare(await read(trial, 'large'), body);
  return `${bytes} bytes are the same`;
};

const seeGone = async (trial: Trial): Promise<string> => {
  await trial.target.delete(
    NAMES.map((name) => `${trial.under}/${name}`),
    trial.signal,
  );
  return refusal(read(trial, 'object'), 'TARGET_OBJECT_MISSING').then(() => 'it is missing now');
};
