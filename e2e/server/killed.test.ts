/** `server add` is killed at random moments, in each of its three places: run again, it finishes, and nothing is half or double. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { allProcesses } from '@berth/host';
import { createRandom, waitUntil, whyNoMachine } from '@berth/testing';
import { differences, footprintOf } from './footprint.ts';
import type { Typed, Typing } from './laptop.ts';
import { assertAllWell, ServerStory } from './server-story.ts';

const ROUNDS = process.env.BERTH_DOSE === 'torture' ? 10 : 3;
const ADD_MS = 600_000;
/** Whoever was killed on the laptop may have left work on the server that goes on to its end. */
const BUSY_MS = 300_000;

const PLACES = ['its connection', 'what it runs on the server', 'the command'] as const;
/** Its last tenth is for looking again, when nothing runs on the server. */
const PART = 0.9;
const EARLIER = 0.6;

test('server add, killed at random moments, finishes when it is run again', { skip: whyNoMachine() ?? false }, async (t) => {
  const seed = randomInt(1_000_000);
  const random = createRandom(seed);
  await using story = await ServerStory.open('bookworm');
  const { machine, laptop } = story;
  const began = performance.now();
  assertAllWell(await laptop.try(story.adding, { withinMs: ADD_MS }));
  const wholeMs = performance.now() - began;
  const whole = await footprintOf(machine);
  t.diagnostic(`seed ${seed}; uninterrupted: ${(wholeMs / 1_000).toFixed(1)} s`);

  for (let round = 0; round < ROUNDS; round += 1) {
    const place = PLACES[round % PLACES.length] ?? 'the command';
    // One in each part of its time, so that few rounds do not all meet the same step.
    const plannedMs = (PART * wholeMs * (round + random.integer(5, 95) / 100)) / ROUNDS;
    await t.test(`${place} is killed, round ${round + 1} of ${ROUNDS}`, async () => {
      const { atMs, ended } = await killedRun(place, plannedMs, story);
      const again = await untilFree(story);
      t.diagnostic(`${place} killed after ${(atMs / 1_000).toFixed(1)} s (${lastStep(ended)}), ended with ${ended.code}`);
      assertAllWell(again);
      assert.deepEqual(differences(whole, await footprintOf(machine)), []);
    });
  }
});

/** On a bare machine. This host may be quicker than it was: who had ended before he could be killed begins again, and is killed earlier. */
const killedRun = async (
  place: (typeof PLACES)[number],
  plannedMs: number,
  story: ServerStory,
): Promise<{ readonly atMs: number; readonly ended: Typed }> => {
  for (let atMs = plannedMs; ; atMs *= EARLIER) {
    await story.machine.reinstall();
    const typing = story.laptop.type(story.adding, { withinMs: ADD_MS });
    await Promise.race([sleep(atMs), typing.ended]);
    const killed = await killOnce(place, typing, story);
    const ended = await typing.ended;
    if (killed) return { atMs, ended };
  }
};

/** As soon as there is something to kill; false when it had ended before there was. */
const killOnce = async (place: (typeof PLACES)[number], typing: Typing, story: ServerStory): Promise<boolean> => {
  while (typing.child.exitCode === null && typing.child.signalCode === null) {
    if (await kill(place, typing, story)) return true;
    await sleep(100);
  }
  return false;
};

/** Whether there was something to kill. */
const kill = async (place: (typeof PLACES)[number], { child }: Typing, { machine }: ServerStory): Promise<boolean> => {
  if (child.pid === undefined || child.exitCode !== null) return false;
  if (place === 'the command') return child.kill('SIGKILL');
  if (place === 'what it runs on the server')
    return (await machine.exec(['sh', '-c', `pkill -KILL -f '[s]erver install|[t]ar -xzf'`])).exitCode === 0;
  const connections = childrenOf(child.pid).filter((pid) => commandOf(pid).startsWith('ssh\0'));
  for (const pid of connections) process.kill(pid, 'SIGKILL');
  return connections.length > 0;
};

/** The second time; again only while what the first one left running says that it is busy. */
const untilFree = ({ laptop, adding }: ServerStory): Promise<Typed> =>
  waitUntil(
    async () => {
      const typed = await laptop.try(adding, { withinMs: ADD_MS });
      return typed.stderr.includes('SERVER_INSTALL_BUSY') ? null : typed;
    },
    { what: 'the server is free', withinMs: BUSY_MS, everyMs: 1_000 },
  );

const lastStep = ({ stderr }: Typed): string =>
  stderr
    .trim()
    .split('\n')
    .filter((line) => /^ {2}\S/.test(line))
    .at(-1)
    ?.trim() ?? 'before any step';

const childrenOf = (pid: number): number[] =>
  allProcesses()
    .filter(({ ppid }) => ppid === pid)
    .map((child) => child.pid);

const commandOf = (pid: number): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has just ended
  }
};
