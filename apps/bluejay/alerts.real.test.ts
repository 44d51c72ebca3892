/** The shipped alert rules, run by Prometheus' own tool: each can fire, and each is silent when all is well. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { observe } from './metrics.ts';

const RULES = path.join(import.meta.dirname, 'alerts.yaml');
const SAMPLES = 1_200;
const DAY_SEC = 86_400;
const MB = 2 ** 20;

/** Of a series, in promtool's notation: a sample each 15 s. */
type Course = Readonly<Record<string, string>>;
const steady = (value: number): string => `${value}+0x${SAMPLES}`;
const growing = (perMinute: number): string => `0+${perMinute / 4}x${SAMPLES}`;

/** A quiet day. promtool's clock begins at 0, when the last drill was just over. */
const WELL: Course = {
  'berth_app_up{job="berth",app="bluejay"}': steady(1),
  'probe_success{job="bluejay-health"}': steady(1),
  'probe_ssl_earliest_cert_expiry{job="bluejay-health"}': steady(60 * DAY_SEC),
  'berth_store_lag_seconds{job="berth",app="bluejay"}': steady(1),
  'berth_drill_last_timestamp_seconds{job="berth",app="bluejay"}': steady(0),
  'berth_drill_last_passed{job="berth",app="bluejay"}': steady(1),
  'db_errors_total{job="bluejay",kind="locked"}': steady(3),
  'disk_free_bytes{job="bluejay"}': steady(50e9),
  'disk_size_bytes{job="bluejay"}': steady(100e9),
  'process_resident_memory_bytes{job="bluejay"}': steady(180 * MB),
  'http_requests_total{job="bluejay",status="200"}': growing(6_000),
  'http_requests_total{job="bluejay",status="500"}': growing(6),
  'login_failures_total{job="bluejay"}': growing(3),
};

const faults: readonly {
  readonly name: string;
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  readonly course: Course;
  /** The last evaluation without the alert, and one with it; undefined for one that fires at once. */
  readonly silentAt?: string;
  readonly firesAt: string;
}[] = [
  {
    name: 'no instance is healthy',
    alert: 'ServiceFailed',
    severity: 'critical',
    course: { 'berth_app_up{job="berth",app="bluejay"}': steady(0) },
    firesAt: '1m',
  },
  {
    name: 'the public address fails',
    alert: 'HealthDown',
    severity: 'critical',
    course: { 'probe_success{job="bluejay-health"}': steady(0) },
    silentAt: '1m30s',
    firesAt: '3m',
  },
  {
    name: 'the backup is two minutes behind',
    alert: 'ReplicationLag',
    severity: 'critical',
    course: { 'berth_store_lag_seconds{job="berth",app="bluejay"}': steady(120) },
    silentAt: '4m30s',
    firesAt: '6m',
  },
  {
    name: 'the database is locked once a minute',
    alert: 'DatabaseLocked',
    severity: 'critical',
    course: { 'db_errors_total{job="bluejay",kind="locked"}': growing(1) },
    firesAt: '5m',
  },
  {
    name: 'a tenth of the disk is left',
    alert: 'DiskLow',
    severity: 'warning',
    course: { 'disk_free_bytes{job="bluejay"}': steady(10e9) },
    silentAt: '9m30s',
    firesAt: '11m',
  },
  {
    name: 'a fiftieth of the disk is left',
    alert: 'DiskAlmostFull',
    severity: 'critical',
    course: { 'disk_free_bytes{job="bluejay"}': steady(2e9) },
    silentAt: '9m30s',
    firesAt: '11m',
  },
  {
    name: 'the last drill failed',
    alert: 'BackupStale',
    severity: 'warning',
    course: { 'berth_drill_last_passed{job="berth",app="bluejay"}': steady(0) },
    silentAt: '59m',
    firesAt: '62m',
  },
  {
    name: 'the last drill is eight days old',
    alert: 'BackupStale',
    severity: 'warning',
    course: { 'berth_drill_last_timestamp_seconds{job="berth",app="bluejay"}': steady(-8 * DAY_SEC) },
    silentAt: '59m',
    firesAt: '62m',
  },
  {
    name: 'memory is above 400 MB',
    alert: 'HighMemory',
    severity: 'warning',
    course: { 'process_resident_memory_bytes{job="bluejay"}': steady(401 * MB) },
    silentAt: '4m30s',
    firesAt: '6m',
  },
  {
    name: 'two of a hundred requests fail',
    alert: 'ErrorRate',
    severity: 'warning',
    course: { 'http_requests_total{job="bluejay",status="500"}': growing(120) },
    silentAt: '4m30s',
    firesAt: '8m',
  },
  {
    name: 'twenty logins a minute fail',
    alert: 'LoginBruteForce',
    severity: 'warning',
    course: { 'login_failures_total{job="bluejay"}': growing(20) },
    silentAt: '4m30s',
    firesAt: '8m',
  },
  {
    name: 'the certificate ends in ten days',
    alert: 'CertExpiring',
    severity: 'warning',
    course: { 'probe_ssl_earliest_cert_expiry{job="bluejay-health"}': steady(10 * DAY_SEC) },
    silentAt: '59m',
    firesAt: '62m',
  },
];

test('no rule fires on a quiet day', () => promtool([{ course: {}, at: ['1m', '10m', '2h'], expected: [] }]));

for (const { name, alert, severity, course, silentAt, firesAt } of faults)
  test(`${alert} fires when ${name}`, () =>
    promtool([
      ...(silentAt === undefined ? [] : [{ course, at: [silentAt], expected: [], only: alert }]),
      { course, at: [firesAt], expected: [alert], only: alert, severity },
    ]));

test('every rule has a fault that makes it fire', async () => {
  assert.deepEqual(new Set(faults.map(({ alert }) => alert)), new Set(await ruleNames()));
});

test('the application has every metric of its own that the rules read', async () => {
  const { metrics, instruments, stop } = observe({ walBytes: () => 0, diskFreeBytes: () => 1, diskBytes: () => 2 });
  stop();
  instruments.databaseErrors.with({ kind: 'locked' }).increment();
  instruments.requests.with({ method: 'GET', route: '/', status: '500' }).increment();
  const scraped = await metrics.render();
  const own = Object.keys(WELL).filter((series) => series.includes('job="bluejay"'));
  for (const series of own) assert.match(scraped, new RegExp(`^${series.replace(/\{.*/, '')}[ {]`, 'm'), series);
});

type Expectation = {
  readonly course: Course;
  readonly at: readonly string[];
  readonly expected: readonly string[];
  /** Looks at this alert alone. */
  readonly only?: string;
  readonly severity?: string;
};

const ruleNames = async (): Promise<string[]> =>
  [...(await readFile(RULES, 'utf8')).matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

async function promtool(expectations: readonly Expectation[]): Promise<void> {
  await using directory = await temporaryDirectory();
  const file = path.join(directory.path, 'rules.test.json');
  const names = await ruleNames();
  const tests = expectations.map(({ course, at, expected, only, severity = '.+' }) => ({
    interval: '15s',
    input_series: Object.entries({ ...WELL, ...course }).map(([series, values]) => ({ series, values })),
    promql_expr_test: at.flatMap((moment) =>
      (only === undefined ? names : [only]).map((name) => ({
        expr: `count(ALERTS{alertname="${name}",alertstate="firing",severity=~"${severity}"}) or vector(0)`,
        eval_time: moment,
        exp_samples: [{ labels: '{}', value: expected.includes(name) ? 1 : 0 }],
      })),
    ),
  }));
  // JSON is YAML too.
  await writeFile(file, JSON.stringify({ rule_files: [RULES], evaluation_interval: '30s', tests }));
  const { code, output } = await run('promtool', ['test', 'rules', file]);
  assert.equal(code, 0, output);
}

const run = (program: string, args: readonly string[]): Promise<{ code: number; output: string }> =>
  new Promise((resolve) => {
    execFile(program, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : 1, output: `${stdout}${stderr}` });
    });
  });
