import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { createLog, createLogDestination, defaultFormat, type LogOptions } from './index.ts';

const logTo = (options: Partial<LogOptions> = {}) => {
  const written: string[] = [];
  const log = createLog({
    level: 'debug',
    format: 'json',
    now: () => new Date('2030-01-01T12:00:01.250Z'),
    destination: { write: (line) => written.push(line) },
    ...options,
  });
  const last = (): Record<string, unknown> => JSON.parse(written.at(-1) ?? 'null') as Record<string, unknown>;
  return { log, written, last };
};

test('a line has level, unix seconds and event first, then bindings and fields', () => {
  const { log, written } = logTo({ bindings: { app: 'pad' } });
  log.child({ docId: 'abc' }).info('persisted', { reason: 'idle_threshold', revision: 3 });
  const expected =
    '{"level":"info","ts":1893499201.25,"msg":"persisted","app":"pad","docId":"abc","reason":"idle_threshold","revision":3}\n';
  assert.deepEqual(written, [expected]);
});

test('lines below the level are not written', () => {
  const { log, written } = logTo({ level: 'warn' });
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('x');
  assert.deepEqual(
    written.map((line) => (JSON.parse(line) as { level: string }).level),
    ['warn', 'error'],
  );
});

test('an error is readable with its causes, wherever it stands', () => {
  const { log, last } = logTo();
  log.error('failed', { error: new TypeError('no', { cause: Object.assign(new Error('disk'), { code: 'ENOSPC' }) }) });
  const { error } = last() as {
    error: { name: string; message: string; stack: string; cause: { message: string; code: string } };
  };
  assert.deepEqual([error.name, error.message, error.cause.message, error.cause.code], ['TypeError', 'no', 'disk', 'ENOSPC']);
  assert.match(error.stack, /^TypeError: no\n +at /);
});

for (const name of [
  'otp',
  'OTP',
  'userOtp',
  'otp_code',
  'accessToken',
  'clientSecret',
  'password',
  'passwd',
  'Authorization',
  'set-cookie',
  'ticketId',
])
  test(`a field called ${name} is redacted at any depth`, () => {
    const { log, written } = logTo();
    log.info('x', {
      [name]: 'hunter2',
      a: { b: { [name]: ['hunter2'] } },
      list: [{ [name]: { deep: 'hunter2' } }],
      a1: { b: { c: { d: { [name]: 'hunter2' } } } },
    });
    assert.doesNotMatch(written.join(''), /hunter2/);
    assert.match(written.join(''), /\[redacted\]/);
  });

test('names that only resemble secrets stay, and so does whether there is one', () => {
  const { log, last } = logTo();
  log.info('x', { footprint: 1, laptop: 2, hotpath: 3, otp: null, hasToken: true });
  const { level: _level, ts: _ts, msg: _msg, ...fields } = last();
  assert.deepEqual(fields, { footprint: 1, laptop: 2, hotpath: 3, otp: null, hasToken: true });
});

test('a secret in the query of an address is redacted too', () => {
  const { log, written } = logTo();
  log.error('x', { url: '/api/socket/a?v=2&otp=hunter2&x=1', error: new Error('GET /?access_token=hunter2 failed') });
  assert.doesNotMatch(written.join(''), /hunter2/);
  assert.match(written.join(''), /v=2&otp=\[redacted\]&x=1/);
});

test('nothing that is logged can make logging fail, or make a line of another shape', () => {
  const { log, written, last } = logTo();
  const circle: Record<string, unknown> = { name: 'circle' };
  circle['self'] = circle;
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('no');
      },
    },
  );
  const getter = Object.defineProperty({}, 'x', {
    enumerable: true,
    get: () => {
      throw new RangeError('no');
    },
  });
  log.info('line\nbreak', {
    circle,
    hostile,
    getter,
    big: 10n,
    nan: Number.NaN,
    f: () => 1,
    s: Symbol('s'),
    d: new Date(Number.NaN),
    u: undefined,
    bytes: Buffer.from('secret'),
    map: new Map([['token', 'hunter2']]),
    many: Array.from({ length: 1000 }, () => 'x'),
    level: 'fake',
    ts: 0,
    msg: 'fake',
    toJSON: 1,
    lone: '\uD800',
    ...(JSON.parse('{"__proto__":{"level":"fake"}}') as object),
  });
  assert.equal(written.length, 1);
  assert.equal(written[0]?.split('\n').length, 2);
  const line = last();
  assert.deepEqual(
    [line['level'], line['ts'], line['msg'], line['level_'], line['msg_']],
    ['info', 1893499201.25, 'line\nbreak', 'fake', 'fake'],
  );
  assert.deepEqual(
    [line['big'], line['nan'], line['getter'], line['hostile']],
    ['10', 'NaN', { x: '[threw RangeError]' }, '[threw Error]'],
  );
  assert.deepEqual(line['map'], { token: '[redacted]' });
  assert.equal((line['many'] as unknown[]).length, 101);
});

test('in a terminal a line is text, with colour only when asked', () => {
  const plain = logTo({ format: 'terminal' });
  plain.log.info('persisted', { docId: 'abc', reason: 'idle threshold', n: 1, deep: { a: 1 } });
  assert.match(
    plain.written[0] ?? '',
    /^\d\d:00:01 info {2}persisted {2}docId=abc reason="idle threshold" n=1 deep=\{"a":1\}\n$/,
  );
  const coloured = logTo({ format: 'terminal', colour: true });
  coloured.log.warn('slow');
  assert.match(coloured.written[0] ?? '', /^\d\d:\d\d:01 \u001b\[33mwarn \u001b\[0m slow\n$/);
});

test('in a terminal an error has its stack on lines of its own', () => {
  const { log, written } = logTo({ format: 'terminal' });
  log.error('failed', { error: new Error('no', { cause: new Error('disk full') }) });
  assert.match(written[0] ?? '', /error="Error: no"\n {9}at .*\n(?:.*\n)* {9}caused by Error: disk full\n/);
});

test('what is logged cannot steer the terminal', () => {
  const { log, written } = logTo({ format: 'terminal' });
  log.info('\u001b[2Jevent\r\n', {
    '\u001b[31mname': '\u009b31m',
    error: Object.assign(new Error('x'), { stack: 'x\n\u001b]0;title\u0007' }),
  });
  assert.doesNotMatch((written[0] ?? '').replaceAll('\n', ''), /[\u0000-\u001f\u007f-\u009f]/);
});

test('the format follows the reader', () => {
  assert.deepEqual([defaultFormat(true), defaultFormat(false), defaultFormat(undefined)], ['terminal', 'json', 'json']);
});

/** A file descriptor that takes `room` bytes, then refuses with the code. */
const fakeReader = (code: string) => {
  const state = { room: Number.POSITIVE_INFINITY, taken: '', tries: 0 };
  const writeBytes = (_fd: number, bytes: Buffer, offset: number): number => {
    state.tries += 1;
    if (state.room <= 0) throw Object.assign(new Error(code), { code });
    const size = Math.min(state.room, bytes.length - offset);
    state.room -= size;
    state.taken += bytes.toString('utf8', offset, offset + size);
    return size;
  };
  return { state, writeBytes };
};

test('a full pipe keeps lines back in order, whole, and drops the oldest beyond the bound, saying so', async () => {
  const { state, writeBytes } = fakeReader('EAGAIN');
  const destination = createLogDestination({ writeBytes, maxKeptBytes: 40, maxFlushMs: 0 });
  state.room = 5;
  for (let n = 0; n < 10; n += 1) destination.write(`line ${n} 9\n`);
  assert.equal(state.taken, 'line ');
  state.room = Number.POSITIVE_INFINITY;
  while (!state.taken.includes('dropped')) await new Promise((resolve) => setTimeout(resolve, 5));
  const lines = state.taken.trimEnd().split('\n');
  assert.deepEqual(lines.slice(0, -1), ['line 0 9', 'line 7 9', 'line 8 9', 'line 9 9']);
  const { ts: _ts, ...last } = JSON.parse(lines.at(-1) ?? '') as Record<string, unknown>;
  assert.deepEqual(last, { level: 'warn', msg: 'log_lines_dropped', lines: 6 });
});

test('flush writes what was kept, and gives up on a reader that takes nothing', () => {
  const { state, writeBytes } = fakeReader('EAGAIN');
  const destination = createLogDestination({ writeBytes, maxFlushMs: 30 });
  state.room = 0;
  destination.write('kept\n');
  destination.flush?.();
  assert.equal(state.taken, '');
  state.room = 100;
  destination.flush?.();
  assert.equal(state.taken, 'kept\n');
});

test('a reader that is gone is neither an error nor asked again', () => {
  const { state, writeBytes } = fakeReader('EPIPE');
  const destination = createLogDestination({ writeBytes });
  state.room = 0;
  for (let n = 0; n < 3; n += 1) destination.write('x\n');
  assert.equal(state.tries, 1);
});

test('a full disk costs the lines of that time only', () => {
  const { state, writeBytes } = fakeReader('ENOSPC');
  const destination = createLogDestination({ writeBytes });
  state.room = 0;
  destination.write('lost\n');
  state.room = 100;
  destination.write('written\n');
  assert.equal(state.taken, 'written\n');
});

test('a real pipe that nobody reads does not hold the program up, and gives its reader all lines later', async () => {
  await using directory = await temporaryDirectory();
  const fifo = path.join(directory.path, 'fifo');
  execFileSync('/usr/bin/mkfifo', [fifo]);
  // Both ends, and blocking: as a program gets it from a shell.
  const fd = openSync(fifo, constants.O_RDWR);
  try {
    const destination = createLogDestination({ fd, maxFlushMs: 0 });
    const lines = Array.from({ length: 2000 }, (_, n) => `${String(n).padStart(4, '0')} ${'x'.repeat(100)}\n`);
    const total = lines.join('').length;
    for (const line of lines) destination.write(line);
    let read = '';
    const chunk = Buffer.alloc(65_536);
    while (read.length < total) {
      read += chunk.toString('utf8', 0, readSync(fd, chunk));
      destination.flush?.();
    }
    assert.equal(read, lines.join(''));
  } finally {
    closeSync(fd);
  }
});
