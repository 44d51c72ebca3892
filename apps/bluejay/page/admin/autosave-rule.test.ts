import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AutosaveRule, createAutosaveRule, type Kept } from './autosave-rule.ts';

type Waiting = { readonly sequence: number; answer(kept: Kept): Promise<void> };

/** A rule whose server answers when it is told to, and whose time stands still. */
const setUp = (sequence = 0, nowMs = 1_000) => {
  const sent: Waiting[] = [];
  const shown: string[] = [];
  let timer: { readonly run: () => void; readonly delayMs: number } | undefined;
  const clock = { nowMs };
  const rule: AutosaveRule = createAutosaveRule({
    sequence,
    now: () => clock.nowMs,
    send: (number) =>
      new Promise((resolve) => {
        sent.push({
          sequence: number,
          async answer(kept) {
            resolve(kept);
            // All that follows from it is in promises, none of which waits for anything.
            for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
          },
        });
      }),
    later: (run, delayMs) => {
      const mine = { run, delayMs };
      timer = mine;
      return () => {
        if (timer === mine) timer = undefined;
      };
    },
    show: ({ outcome }) => shown.push(outcome),
  });
  const ring = (): void => {
    const due = timer;
    timer = undefined;
    due?.run();
  };
  return { rule, sent, shown, clock, ring, delay: () => timer?.delayMs };
};

const KEPT: Kept = { outcome: 'kept', savedAt: '2026-11-21T12:03:00.000Z', version: 1 };
const numbers = (sent: readonly Waiting[]): readonly number[] => sent.map(({ sequence }) => sequence);

test('typing is kept three seconds after the last keystroke, once', async () => {
  const { rule, sent, ring, delay, shown } = setUp();
  rule.typed();
  rule.typed();
  assert.equal(delay(), 3_000);
  assert.equal(sent.length, 0);
  ring();
  await sent[0]?.answer(KEPT);
  assert.deepEqual(shown, ['kept']);
  await rule.flush();
  assert.equal(sent.length, 1, 'nothing new was typed, nothing is sent');
});

test('every sequence is larger than all before: in this window, in others, and though the clock was put back', async () => {
  const { rule, sent, clock } = setUp(5_000, 1_000);
  for (const nowMs of [1_000, 900, 9_000, 9_000]) {
    clock.nowMs = nowMs;
    rule.typed();
    void rule.flush();
    await sent.at(-1)?.answer(KEPT);
  }
  assert.deepEqual(numbers(sent), [5_001, 5_002, 9_000, 9_001]);
});

test('one request at a time: what is typed meanwhile is sent after it, with a larger sequence', async () => {
  const { rule, sent } = setUp();
  rule.typed();
  const first = rule.flush();
  rule.typed();
  const second = rule.flush();
  assert.equal(sent.length, 1);
  await sent[0]?.answer(KEPT);
  assert.equal(sent.length, 2);
  assert.ok((sent[1]?.sequence ?? 0) > (sent[0]?.sequence ?? 0));
  await sent[1]?.answer({ ...KEPT, version: 2 });
  assert.deepEqual(
    [await first, await second],
    [
      { ...KEPT, version: 2 },
      { ...KEPT, version: 2 },
    ],
    'both wait for the newest',
  );
});

test('without an answer it is tried again, and typing goes on waiting', async () => {
  const { rule, sent, ring, delay, shown } = setUp();
  rule.typed();
  const kept = rule.flush();
  await sent[0]?.answer({ outcome: 'offline' });
  assert.deepEqual(await kept, { outcome: 'offline' });
  assert.equal(delay(), 15_000);
  ring();
  await sent[1]?.answer(KEPT);
  assert.deepEqual(shown, ['offline', 'kept']);
});

test('who is logged out is told so once, and the typing is sent as soon as it is tried again', async () => {
  const { rule, sent, delay, shown } = setUp();
  rule.typed();
  const refused = rule.flush();
  await sent[0]?.answer({ outcome: 'signedOut' });
  assert.deepEqual(await refused, { outcome: 'signedOut' });
  assert.equal(delay(), undefined);
  const kept = rule.flush();
  await sent[1]?.answer(KEPT);
  assert.deepEqual(await kept, KEPT);
  assert.deepEqual(shown, ['signedOut', 'kept']);
});

test('after it was stopped nothing is sent', async () => {
  const { rule, sent, delay } = setUp();
  rule.typed();
  rule.stop();
  assert.equal(delay(), undefined);
  rule.typed();
  await rule.flush();
  assert.equal(sent.length, 0);
});
