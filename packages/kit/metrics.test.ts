import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { createMetrics, observeEventLoop, processGauges, readMemoryLimit } from './index.ts';

const metricsOfPad = () => createMetrics({ prefix: 'pad_' });
const samples = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('counters and gauges are there from the start, readable in code, and rendered with the prefix', async () => {
  const metrics = metricsOfPad();
  const writes = metrics.counter('db_writes_total', 'Writes');
  const open = metrics.gauge('documents', 'Open');
  metrics.gauge('age', 'Computed', { collect: () => 7.5 });
  assert.deepEqual(samples(await metrics.render()), ['pad_db_writes_total 0', 'pad_documents 0', 'pad_age 7.5']);
  writes.increment();
  writes.increment(2);
  open.set(5);
  open.increment();
  open.decrement(3);
  assert.deepEqual([writes.value, open.value], [3, 3]);
  const expected = ['pad_db_writes_total 3', 'pad_documents 3', 'pad_age 7.5'];
  assert.deepEqual(samples(await metrics.render()), expected);
  // A scrape changes nothing.
  assert.deepEqual(samples(await metrics.render()), expected);
  assert.match(await metrics.render(), /^# HELP pad_db_writes_total Writes\n# TYPE pad_db_writes_total counter\n/);
  assert.match(metrics.contentType, /^text\/plain; version=0\.0\.4/);
});

test('labels have a child for each combination, whatever else and however hostile the values are', async () => {
  const metrics = metricsOfPad();
  const requests = metrics.counter('requests_total', 'Requests', ['route', 'status']);
  requests.with({ route: '/a', status: '200' }).increment(2);
  const more = { status: '200', route: '/a', other: 'ignored' };
  requests.with(more).increment();
  requests.with({ route: 'x"\n\\', status: '' }).increment();
  assert.equal(requests.with({ route: '/a', status: '200' }).value, 3);
  assert.deepEqual(samples(await metrics.render()), [
    'pad_requests_total{route="/a",status="200"} 3',
    'pad_requests_total{route="x\\"\\n\\\\",status=""} 1',
  ]);
});

test('a histogram counts into its buckets', async () => {
  const metrics = metricsOfPad();
  const latency = metrics.histogram('latency_seconds', 'Latency', [0.1, 1]);
  for (const seconds of [0.05, 0.5, 5]) latency.observe(seconds);
  assert.deepEqual(samples(await metrics.render()), [
    'pad_latency_seconds_bucket{le="0.1"} 1',
    'pad_latency_seconds_bucket{le="1"} 2',
    'pad_latency_seconds_bucket{le="+Inf"} 3',
    'pad_latency_seconds_sum 5.55',
    'pad_latency_seconds_count 3',
  ]);
});

test('mistakes of the program are refused where they are made', async () => {
  const metrics = metricsOfPad();
  const counter = metrics.counter('a', 'A');
  assert.throws(() => metrics.gauge('a', 'B'), /pad_a is registered twice/);
  assert.throws(() => metrics.counter('no spaces', 'A'), /metric name/i);
  for (const by of [-1, Number.NaN, Number.POSITIVE_INFINITY]) assert.throws(() => counter.increment(by), RangeError);
  assert.throws(() => metrics.gauge('computed', 'C', { collect: () => 1 }).set(2), /computed/);
  // Two sets of metrics in one process, as in tests, have nothing to do with each other.
  metricsOfPad().counter('a', 'A');
  metrics.gauge('broken', 'B', {
    collect: () => {
      throw new Error('cannot be read');
    },
  });
  await assert.rejects(metrics.render(), /cannot be read/);
});

test('a blocked event loop shows, and an idle one does not count the measuring itself', async () => {
  const metrics = metricsOfPad();
  using _observation = observeEventLoop(metrics, { windowMs: 200 });
  const read = async (name: string): Promise<number> => {
    const line = samples(await metrics.render()).find((sample) => sample.startsWith(`pad_event_loop_delay_${name}_seconds `));
    return Number(line?.split(' ')[1]);
  };
  // The loop must have ticked before it can be late.
  await new Promise((resolve) => setTimeout(resolve, 30));
  const until = performance.now() + 100;
  while (performance.now() < until);
  await waitUntil(async () => (await read('max')) > 0.05, { what: 'the block is seen' });
  assert.ok((await read('p50')) < 0.1);
  await waitUntil(async () => (await read('max')) < 0.05, { what: 'the next window forgets it' });
});

test('the process tells its memory, the limit of it, and its age', async () => {
  const metrics = metricsOfPad();
  const { memoryUsageBytes, memoryLimitBytes, uptimeSeconds } = processGauges(metrics);
  assert.ok(memoryUsageBytes.value > 10_000_000);
  assert.ok(memoryLimitBytes.value >= memoryUsageBytes.value);
  assert.ok(uptimeSeconds.value > 0 && uptimeSeconds.value < 3600);
  assert.equal(samples(await metrics.render()).length, 3);
});

const GB = 2 ** 30;
for (const { name, files, limit } of [
  { name: 'v2', files: { '/proc/self/cgroup': '0::/a/b\n', '/sys/fs/cgroup/a/b/memory.max': `${GB}\n` }, limit: GB },
  {
    name: 'v2, of a group above',
    files: {
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/memory.max': 'max\n',
      '/sys/fs/cgroup/a/memory.max': `${2 * GB}\n`,
    },
    limit: 2 * GB,
  },
  { name: 'v2 in a container', files: { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/memory.max': `${GB}\n` }, limit: GB },
  {
    name: 'v1',
    files: {
      '/proc/self/cgroup': '9:cpu,cpuacct:/c\n4:memory:/m\n0::/\n',
      '/sys/fs/cgroup/memory/m/memory.limit_in_bytes': `${3 * GB}`,
    },
    limit: 3 * GB,
  },
  {
    name: 'v1 in a container that sees the host path',
    files: { '/proc/self/cgroup': '4:memory:/docker/x\n', '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GB}` },
    limit: GB,
  },
  {
    name: 'v1 without a limit',
    files: { '/proc/self/cgroup': '4:memory:/\n', '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712' },
    limit: 8 * GB,
  },
  { name: 'none', files: {}, limit: 8 * GB },
  { name: 'garbage', files: { '/proc/self/cgroup': 'x\n0::/../../etc\n', '/sys/fs/cgroup/etc/memory.max': '-5' }, limit: 8 * GB },
])
  test(`the memory limit with control group ${name}`, () => {
    const texts: Record<string, string | undefined> = files;
    assert.equal(readMemoryLimit({ readText: (file) => texts[file] ?? null, totalBytes: () => 8 * GB }), limit);
  });
