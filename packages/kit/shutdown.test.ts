import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { createFakeClock } from '@berth/testing';
import { createShutdown } from './index.ts';

const setUp = () => {
  const clock = createFakeClock();
  const process = new EventEmitter();
  const events: string[] = [];
  const exits: number[] = [];
  const lines: { event: string; fields: Record<string, unknown> }[] = [];
  const note = (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
    lines.push({ event, fields });
  };
  const log = { info: note, error: note, flush: () => events.push('flush') };
  const exit = (code: number): void => {
    events.push('exit');
    exits.push(code);
  };
  const shutdown = createShutdown({ log, deadlineMs: 1000, exit, clock });
  const fieldsOf = (event: string) => lines.find((line) => line.event === event)?.fields;
  return { clock, process, events, exits, lines, shutdown, fieldsOf };
};

test('SIGTERM runs the steps in order, those of one order at once, writes the log out and exits with 0', async () => {
  const { clock, process, events, exits, shutdown, fieldsOf } = setUp();
  using _listening = shutdown.listen(process);
  const step = (name: string, ms: number) => async () => {
    events.push(`${name} begins`);
    await clock.sleep(ms);
    events.push(`${name} ends`);
  };
  shutdown.add('store', 20, step('store', 10));
  shutdown.add('http', 10, step('http', 100));
  shutdown.add('sockets', 10, step('sockets', 50));
  assert.equal(shutdown.signal.aborted, false);
  process.emit('SIGTERM', 'SIGTERM');
  assert.equal(shutdown.signal.aborted, true);
  await clock.advance(200);
  const expected = ['http begins', 'sockets begins', 'sockets ends', 'http ends', 'store begins', 'store ends', 'flush', 'exit'];
  assert.deepEqual(events, expected);
  assert.deepEqual(exits, [0]);
  assert.deepEqual(fieldsOf('shutdown_started'), { reason: 'SIGTERM' });
  assert.equal(fieldsOf('shutdown_finished')?.['failures'], 0);
  assert.equal(clock.sleepers, 0);
});

test('a step that fails is logged, does not stop the others, and shows in the exit code', async () => {
  const { exits, shutdown, fieldsOf } = setUp();
  const ran: string[] = [];
  shutdown.add('a', 1, () => {
    throw new Error('cannot flush');
  });
  shutdown.add('b', 1, async () => {
    ran.push('b');
    // Added while others run, as by a program that was still starting.
    shutdown.add('late', 0, () => {
      ran.push('late');
    });
  });
  shutdown.add('c', 2, () => {
    ran.push('c');
  });
  await shutdown.run('test');
  assert.deepEqual(ran, ['b', 'late', 'c']);
  assert.equal(fieldsOf('shutdown_step_failed')?.['step'], 'a');
  assert.deepEqual(exits, [1]);
});

test('beyond the deadline the unfinished steps are named and told, and the exit code is 1', async () => {
  const { clock, exits, shutdown, fieldsOf } = setUp();
  let told = false;
  shutdown.add('done', 1, () => undefined);
  shutdown.add('hangs', 2, (signal) => new Promise(() => signal.addEventListener('abort', () => (told = true))));
  shutdown.add('never begun', 3, () => assert.fail('it began'));
  const end = shutdown.run('test');
  await clock.advance(999);
  assert.deepEqual(exits, []);
  await clock.advance(1);
  await end;
  assert.deepEqual(fieldsOf('shutdown_deadline_exceeded'), { deadlineMs: 1000, unfinished: ['hangs', 'never begun'] });
  assert.ok(told);
  assert.deepEqual(exits, [1]);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  test(`a second signal, ${signal}, exits at once with ${code}`, async () => {
    const { clock, process, exits, shutdown, fieldsOf } = setUp();
    shutdown.listen(process);
    shutdown.add('slow', 1, () => clock.sleep(500));
    process.emit('SIGTERM', 'SIGTERM');
    await clock.advance(1);
    process.emit(signal, signal);
    assert.deepEqual(exits, [code]);
    assert.deepEqual(fieldsOf('shutdown_forced'), { signal, unfinished: ['slow'] });
  });

for (const event of ['uncaughtException', 'unhandledRejection'])
  test(`after ${event} the steps run all the same, and the exit code is 70`, async () => {
    const { clock, process, exits, lines, shutdown, fieldsOf } = setUp();
    const ran: string[] = [];
    using _guard = shutdown.guard(process);
    shutdown.add('flush', 1, () => {
      ran.push('flush');
      // A second one on the way out is logged, and starts nothing anew.
      process.emit(event, 'not even an error');
    });
    const error = new Error('bug');
    process.emit(event, error);
    await clock.advance(10);
    assert.deepEqual(fieldsOf('uncaught_error'), { event, error });
    assert.equal(lines.filter((line) => line.event === 'uncaught_error').length, 2);
    assert.deepEqual([ran, exits], [['flush'], [70]]);
  });

test('whoever asks again waits for the same end, and disposing takes the listeners away', async () => {
  const { process, exits, shutdown } = setUp();
  shutdown.listen(process)[Symbol.dispose]();
  shutdown.guard(process)[Symbol.dispose]();
  assert.deepEqual(process.eventNames(), []);
  assert.equal(shutdown.run('a'), shutdown.run('b', 5));
  await shutdown.run('c');
  assert.deepEqual(exits, [0]);
});
