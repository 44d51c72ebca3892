import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { createFakeClock, createRandom, freePorts, recordingExec, temporaryDirectory, waitUntil } from './index.ts';

describe('the fake clock', () => {
  test('moves only when told, and wakes sleepers at their own times, also those that sleep again', async () => {
    const clock = createFakeClock('2030-01-01T00:00:00Z');
    const woken: string[] = [];
    const sleeper = async (name: string, ms: number, times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await clock.sleep(ms);
        woken.push(`${name} ${clock.now().toISOString().slice(17, 23)}`);
      }
    };
    const all = Promise.all([sleeper('slow', 2_500, 1), sleeper('fast', 1_000, 3)]);
    assert.equal(clock.sleepers, 2);
    await clock.advance(999);
    assert.deepEqual(woken, []);
    await clock.advance(2_001);
    await all;
    assert.deepEqual(woken, ['fast 01.000', 'fast 02.000', 'slow 02.500', 'fast 03.000']);
    assert.equal(clock.now().toISOString(), '2030-01-01T00:00:03.000Z');
  });

  test('a sleep that is aborted rejects with the reason and is forgotten', async () => {
    const clock = createFakeClock();
    const aborted = new AbortController();
    const slept = clock.sleep(1_000, aborted.signal);
    aborted.abort(new Error('enough'));
    await assert.rejects(slept, /enough/);
    await assert.rejects(clock.sleep(1, aborted.signal), /enough/);
    assert.equal(clock.sleepers, 0);
  });
});

test('the recording exec runs nothing, remembers what was asked, and answers as told', async () => {
  const exec = recordingExec(([command]) => (command === 'false' ? { exitCode: 1, stderr: 'no' } : undefined));
  assert.deepEqual(await exec(['rm', '-rf', '/nothing'], { cwd: '/' }), { exitCode: 0, signal: null, stdout: '', stderr: '' });
  assert.equal((await exec(['false'])).exitCode, 1);
  assert.deepEqual(exec.calls, [
    { argv: ['rm', '-rf', '/nothing'], options: { cwd: '/' } },
    { argv: ['false'], options: {} },
  ]);
});

test('a temporary directory can be passed through by others and goes with its block', async () => {
  let path = '';
  {
    await using directory = await temporaryDirectory();
    path = directory.path;
    writeFileSync(directory.join('file'), '');
    assert.equal(statSync(path).mode & 0o777, 0o711);
  }
  assert.ok(!existsSync(path));
});

test('free ports are different and can be listened on', async () => {
  const ports = await freePorts(20);
  assert.equal(new Set(ports).size, 20);
  for (const port of ports) {
    await using server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', () => resolve()));
  }
});

describe('waiting until', () => {
  test('returns what the condition said at last', async () => {
    let asked = 0;
    assert.equal(await waitUntil(() => (++asked < 3 ? null : asked), { what: 'it was asked thrice', everyMs: 1 }), 3);
  });
  test('gives up with a sentence and the last error', async () => {
    const failing = waitUntil(() => Promise.reject(new Error('refused')), { what: 'the port answers', withinMs: 20, everyMs: 5 });
    await assert.rejects(failing, (error: Error) => {
      assert.equal(error.message, 'waited 20 ms until the port answers');
      assert.equal((error.cause as Error).message, 'refused');
      return true;
    });
  });
});

describe('the seeded random', () => {
  test('gives the same for the same seed and something else for another', () => {
    const draw = (seed: number): number[] => Array.from({ length: 5 }, createRandom(seed).next);
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });
  test('spreads evenly and stays within its bounds', () => {
    const random = createRandom(1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 60_000; i++) {
      const drawn = random.integer(1, 6);
      counts.set(drawn, (counts.get(drawn) ?? 0) + 1);
    }
    assert.deepEqual(
      [...counts.keys()].sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6],
    );
    for (const count of counts.values()) assert.ok(count > 9_500 && count < 10_500, String(count));
  });
  test('shuffles without loss and picks what is there', () => {
    const random = createRandom(2);
    const values = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = random.shuffle(values);
    assert.notDeepEqual(shuffled, values);
    assert.deepEqual(
      shuffled.sort((a, b) => a - b),
      values,
    );
    assert.ok(values.includes(random.pick(values)));
    assert.throws(() => random.pick([]), RangeError);
    assert.match(random.text(12, 'ab'), /^[ab]{12}$/);
  });
});
