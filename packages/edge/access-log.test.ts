import assert from 'node:assert/strict';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { openAccessLog } from './access-log.ts';

const line = (n: number, parts: object = {}): string =>
  `${JSON.stringify({ time: 1_900_000_000.5 + n, app: 'pad', service: 'web', backend: 'pad.web', server: 's1', status: 200, totalMs: n, heldMs: '-', ...parts })}\n`;

test('reading goes on where it stopped; a line is read once it is whole', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('access.log');
  await writeFile(file, line(1));
  const log = openAccessLog(file, { maxBytes: 1e9 });
  assert.deepEqual(log.samples(), { samples: [], dropped: 0 });
  await appendFile(file, line(2) + line(3).slice(0, 20));
  assert.deepEqual(
    log.samples().samples.map(({ durationMs }) => durationMs),
    [2],
  );
  await appendFile(file, line(3).slice(20));
  assert.deepEqual(log.samples().samples, [
    { app: 'pad', service: 'web', server: 's1', atMs: 1_900_000_003_500, status: 200, durationMs: 3, heldMs: 0 },
  ]);
});

test('what no instance answered, WebSockets and HAProxy’s own words are no samples', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('access.log');
  await writeFile(file, '');
  const log = openAccessLog(file, { maxBytes: 1e9 });
  await appendFile(
    file,
    `Proxy front stopped.\n${line(1, { server: '<NOSRV>' })}${line(2, { backend: 'pad.web:ws' })}{"time":1,\n${line(3, { service: '-' })}${line(4)}`,
  );
  assert.deepEqual(
    log.samples().samples.map(({ durationMs }) => durationMs),
    [4],
  );
});

test('a backlog is passed over, and about as much is said', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('access.log');
  await writeFile(file, '');
  const log = openAccessLog(file, { maxBytes: 1e9 });
  await appendFile(file, Array.from({ length: 30_000 }, (_, n) => line(n)).join(''));
  const { samples, dropped } = log.samples();
  assert.equal(samples.at(-1)?.durationMs, 29_999);
  assert.ok(samples.length > 1_000 && samples.length < 15_000);
  assert.ok(Math.abs(samples.length + dropped - 30_000) < 1_500, `${samples.length} read, ${dropped} dropped`);
});

test('a log that has reached its cap is cut, what was in it is kept once, and reading goes on', async () => {
  await using directory = await temporaryDirectory();
  const file = directory.join('access.log');
  await writeFile(file, line(1) + line(2));
  const log = openAccessLog(file, { maxBytes: 100 });
  assert.equal(await log.rotate(), true);
  assert.equal(await readFile(`${file}.1`, 'utf8'), line(1) + line(2));
  assert.equal((await stat(file)).size, 0);
  assert.equal(await log.rotate(), false);
  await appendFile(file, line(3));
  assert.deepEqual(
    log.samples().samples.map(({ durationMs }) => durationMs),
    [3],
  );
});
