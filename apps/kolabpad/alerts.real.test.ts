/** The shipped alert rules, run by Prometheus' own tool against the metrics that the application really has. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { type AppProcess, startApp } from './testing/app-process.ts';
import { PREFIX, type Scrape, scrape } from './testing/expected-metrics.ts';
import { OriginalClient } from './testing/original-client.ts';

const RULES = path.join(import.meta.dirname, 'alerts.yaml');
const EVERY_SECONDS = 15;
const PER_MINUTE = 60 / EVERY_SECONDS;
const TEST_MINUTES = 60;
const SAMPLES = TEST_MINUTES * PER_MINUTE;

let app: AppProcess;
let real: Scrape;
before(async () => {
  app = await startApp();
  await using client = new OriginalClient();
  await client.connect(app.socketUrl('scraped'));
  client.insert(0, 'hello');
  await client.waitFor(() => client.isSettled, 'the edit came back');
  real = await scrape(app.url);
});
after(() => app[Symbol.asyncDispose]());

/** Of a series, in promtool's notation; the metrics' names go without their prefix. */
type Course = Readonly<Record<string, string>>;

const steady = (value: number): string => `${value}+0x${SAMPLES}`;
/** Grows by so much a minute, in steps of one scrape. */
const growing = (perMinute: number, from = 0): string => `${from}+${perMinute / PER_MINUTE}x${SAMPLES}`;

/** What an evening of 400 busy documents looks like. */
const HEAVY: Course = {
  documents_in_memory: steady(950),
  active_persisters_count: steady(400),
  websocket_connections_total: steady(1200),
  goroutine_count: `2600 2700 2500 2650x${SAMPLES}`,
  // Each document once every 10 s, which is the most that a persister does.
  db_writes_per_minute: steady(400 * 6),
  db_writes_total: growing(400 * 6),
  memory_usage_bytes: steady(1_500_000_000),
  memory_limit_bytes: steady(2_000_000_000),
  otp_validation_errors_total: growing(60),
};

const well: readonly { readonly name: string; readonly course: Course }[] = [
  { name: 'the application has just started and is used a little', course: {} },
  { name: '400 documents are edited at once', course: HEAVY },
  {
    name: '100,000 people come within the hour, and tasks grow with their sockets',
    course: {
      ...HEAVY,
      websocket_connections_total: growing(1666),
      goroutine_count: growing(2 * 1666, 30),
    },
  },
  {
    name: '300 people a minute look in, write a line and leave, so that no persister is ever old',
    course: {
      documents_in_memory: steady(900),
      active_persisters_count: steady(2),
      persister_start_count: growing(300),
      persister_stop_count: growing(300),
      db_writes_total: growing(300),
      db_writes_per_minute: steady(300),
    },
  },
  { name: 'no limit of memory is known', course: { memory_limit_bytes: steady(0) } },
  { name: 'one tab knocks every second with an old token', course: { otp_validation_errors_total: growing(60) } },
  { name: 'the database failed once, long ago', course: { persist_errors_total: steady(5) } },
  {
    name: 'a restart sets every counter back',
    course: { persist_errors_total: `5+0x60 0+0x${SAMPLES}`, uptime_seconds: `9000+15x60 0+15x${SAMPLES}` },
  },
];

const faults: readonly {
  readonly name: string;
  readonly alert: string;
  readonly severity: 'critical' | 'warning';
  readonly course: Course;
  /** Minutes since the fault, which is there from the beginning: the last evaluation without the alert, and one with it. */
  readonly silentAt: string;
  readonly firesAt: string;
}[] = [
  {
    name: 'one write in a minute fails',
    alert: 'DatabaseWriteFailures',
    severity: 'critical',
    course: { ...HEAVY, persist_errors_total: growing(1) },
    silentAt: '1m',
    firesAt: '4m',
  },
  {
    name: 'memory is at 81 % of its limit',
    alert: 'HighMemoryUsage',
    severity: 'critical',
    course: { ...HEAVY, memory_usage_bytes: steady(1_620_000_000) },
    silentAt: '4m30s',
    firesAt: '5m30s',
  },
  {
    name: 'each second another timer is left behind',
    alert: 'GoroutineLeakDetected',
    severity: 'critical',
    course: { goroutine_count: growing(60, 300) },
    silentAt: '9m',
    firesAt: '15m',
  },
  {
    name: 'the target does not answer',
    alert: 'ServerDown',
    severity: 'critical',
    course: { up: steady(0) },
    silentAt: '30s',
    firesAt: '1m30s',
  },
  {
    name: 'Prometheus has no such target any more',
    alert: 'ServerDown',
    severity: 'critical',
    course: { up: '' },
    silentAt: '30s',
    firesAt: '1m30s',
  },
  {
    name: 'each of 400 documents is written eleven times a minute',
    alert: 'HighDatabaseWriteRate',
    severity: 'warning',
    course: { ...HEAVY, db_writes_per_minute: steady(4400), db_writes_total: growing(4400) },
    silentAt: '9m',
    firesAt: '11m',
  },
  {
    name: 'something writes although no document is in use',
    alert: 'HighDatabaseWriteRate',
    severity: 'warning',
    course: { active_persisters_count: steady(0), db_writes_per_minute: steady(11) },
    silentAt: '9m',
    firesAt: '11m',
  },
  {
    name: 'persisters outlive their documents',
    alert: 'PersisterLeakSuspected',
    severity: 'warning',
    course: { documents_in_memory: steady(7), active_persisters_count: steady(8) },
    silentAt: '4m',
    firesAt: '6m',
  },
  {
    name: 'somebody tries two tokens a second',
    alert: 'HighOTPValidationErrors',
    severity: 'warning',
    course: { otp_validation_errors_total: growing(120) },
    silentAt: '4m',
    firesAt: '7m',
  },
  {
    name: '1001 documents stay in memory',
    alert: 'HighDocumentCount',
    severity: 'warning',
    course: { documents_in_memory: steady(1001) },
    silentAt: '29m',
    firesAt: '31m',
  },
];

test('promtool finds nothing wrong with the rules: four critical ones every 30 s, four warnings every minute', async () => {
  const { code, output } = await promtool('check', 'rules', RULES);
  assert.equal(code, 0, output);
  assert.match(output, /SUCCESS: 8 rules found/);
  const text = await readFile(RULES, 'utf8');
  assert.match(text, /- name: kolabpad_critical\n {4}interval: 30s\n/);
  assert.match(text, /- name: kolabpad_warnings\n {4}interval: 1m\n/);
  const alerts = new Set(Array.from(text.matchAll(/ {6}- alert: (\w+)/g), ([, name]) => name));
  assert.deepEqual(alerts, new Set(faults.map(({ alert }) => alert)));
});

test('every metric that the rules use is one that the application has', async () => {
  const used = new Set((await readFile(RULES, 'utf8')).match(/\bkolabpad_[a-z_]+[a-z]\b/g));
  const named = new Set([...real.samples.map(({ name }) => name), 'kolabpad_critical', 'kolabpad_warnings']);
  assert.deepEqual(
    [...used].filter((name) => !named.has(name)),
    [],
  );
  assert.ok(used.size > 10);
});

test('promtool finds nothing wrong with the metrics but the suffixes that people’s dashboards know', async () => {
  const { output } = await promtool('check', 'metrics', { stdin: real.text });
  assert.deepEqual(output.split('\n').filter(Boolean).sort(), [
    `${PREFIX}active_persisters_count non-histogram and non-summary metrics should not have "_count" suffix`,
    `${PREFIX}goroutine_count non-histogram and non-summary metrics should not have "_count" suffix`,
    `${PREFIX}persister_start_count counter metrics should have "_total" suffix`,
    `${PREFIX}persister_start_count non-histogram and non-summary metrics should not have "_count" suffix`,
    `${PREFIX}persister_stop_count counter metrics should have "_total" suffix`,
    `${PREFIX}persister_stop_count non-histogram and non-summary metrics should not have "_count" suffix`,
    `${PREFIX}websocket_connections_total non-counter metrics should not have "_total" suffix`,
  ]);
});

for (const { name, course } of well) {
  test(`no alert when ${name}`, async () => {
    const times = Array.from({ length: TEST_MINUTES / 2 }, (_, index) => `${index * 2 + 1}m`);
    const { code, output } = await runRules(course, { promql_expr_test: times.map((at) => firing(at, [])) });
    assert.equal(code, 0, output);
  });
}

for (const { name, alert, severity, course, silentAt, firesAt } of faults) {
  test(`${alert} and nothing else when ${name}, but not at once`, async () => {
    const fires = [{ labels: `{alertname="${alert}", severity="${severity}"}`, value: 1 }];
    const { code, output } = await runRules(course, { promql_expr_test: [firing(silentAt, []), firing(firesAt, fires)] });
    assert.equal(code, 0, output);
  });

  test(`${alert} says what happened, why and what to do when ${name}`, async () => {
    // Nothing is expected, so that promtool shows what there was.
    const { output } = await runRules(course, { alert_rule_test: [{ eval_time: firesAt, alertname: alert, exp_alerts: [] }] });
    const [, summary, description] = /Annotations:\{(?=.*?summary="(.*?)")(?=.*?description="(.*?)").*?\}/s.exec(output) ?? [];
    assert.match(summary ?? '', /^[A-Z].*Kolabpad|^Kolabpad/, output);
    assert.match(description ?? '', /Likely causes?: .+\./, output);
    assert.doesNotMatch(output, /error expanding|<no value>|%!/);
  });
}

/** Which alerts fire at a time, whatever their other labels. */
const firing = (at: string, expected: readonly { readonly labels: string; readonly value: number }[]) => ({
  expr: 'count by (alertname, severity) (ALERTS{alertstate="firing"})',
  eval_time: at,
  exp_samples: expected,
});

/** The series are those of the real scrape, each steady at its value unless the course says otherwise. */
const runRules = async (course: Course, cases: Readonly<Record<string, unknown>>): Promise<Ran> => {
  await using directory = await temporaryDirectory('kolabpad-alerts-');
  const known = new Set(real.samples.map(({ name }) => name));
  for (const name of Object.keys(course)) assert.ok(name === 'up' || known.has(`${PREFIX}${name}`), `no metric ${name}`);
  const target = 'job="kolabpad",instance="kolabpad:3030"';
  const seriesOf = (name: string, labels: string): string =>
    `${name}{${[labels.slice(1, -1), target].filter(Boolean).join(',')}}`;
  const series = [
    { series: `up{${target}}`, values: course['up'] ?? steady(1) },
    ...real.samples
      .filter(({ value }) => Number.isFinite(value))
      .map(({ name, labels, value }) => ({
        series: seriesOf(name, labels),
        values: course[name.slice(PREFIX.length)] ?? steady(value),
      })),
  ];
  const file = directory.join('rules.test.yaml'); // JSON is YAML
  await writeFile(
    file,
    JSON.stringify({
      rule_files: [RULES],
      evaluation_interval: '30s',
      tests: [{ interval: `${EVERY_SECONDS}s`, input_series: series.filter(({ values }) => values !== ''), ...cases }],
    }),
  );
  return await promtool('test', 'rules', file);
};

type Ran = { readonly code: number; readonly output: string };

const promtool = async (...words: readonly (string | { readonly stdin: string })[]): Promise<Ran> => {
  const args = words.filter((word) => typeof word === 'string');
  const [stdin] = words.filter((word) => typeof word !== 'string');
  return new Promise((resolve, reject) => {
    const child = execFile('promtool', args, { timeout: 60_000 }, (error, stdout, stderr) => {
      if (error !== null && error.code === 'ENOENT') {
        reject(new Error('promtool is not installed: apt-get install -y --no-install-recommends prometheus', { cause: error }));
      } else resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : 1, output: stdout + stderr });
    });
    child.stdin?.end(stdin?.stdin ?? '');
  });
};
