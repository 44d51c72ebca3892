/**
 * The daemon is killed with SIGKILL at every boundary of every step of every operation, and in turn the edge with it.
 * Afterwards the operation has gone on to its end, the right release serves on the right data, nothing is left over, nothing was
 * owned twice, and, where only the daemon was killed, no visitor noticed.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import type { Agent } from 'node:http';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { readProcess } from '@berth/host';
import type { Operation, OperationKind } from '@berth/protocol';
import { waitUntil } from '@berth/testing';
import { StoryPlatform } from './harness/platform.ts';
import { killProcess, processesOfHome, replicatorsOf, runningInstances } from './harness/processes.ts';
import { archive, readSource, type SourceFiles } from './harness/source.ts';
import { ask, Visitor } from './harness/visitor.ts';

const isTorture = process.env.BERTH_DOSE === 'torture';
/** Between doing a step and writing that down is the hardest place; the torture dose kills at every boundary. */
const PHASES = isTorture ? ['before', 'ran', 'after'] : ['ran'];
/** What the small dose leaves to it: steps that do the same in several operations. */
const IN_TORTURE = ['rollback-with-data.', 'restore.choose', 'restore.start', 'restore.hold', 'restore.secure', 'restore.drain'];
const IN_SMALL_DOSE = ['rollback-with-data.exchange', 'restore.start-new'];

const SWITCH = ['start', 'hold', 'stop-old', 'start-new', 'switch', 'drain'];
const HELD = ['start', 'hold', 'stop-old', 'held-restore-point', 'start-new', 'switch', 'drain'];
/** Data goes back to what it was. */
const BACK = ['choose', 'fetch', 'restore-point'];
const EXCHANGE = ['start', 'hold', 'stop-old', 'held-restore-point', 'secure', 'exchange', 'start-new', 'switch', 'drain'];
const STEPS: Record<Kind, readonly string[]> = {
  deploy: ['check', 'build', 'prepare', 'restore-point', 'release-command', ...HELD, 'finish'],
  configure: ['prepare', 'release-command', ...SWITCH, 'finish'],
  rollback: ['prepare', ...SWITCH, 'finish'],
  'rollback-with-data': ['choose', 'fetch', 'held-restore-point', 'exchange', 'start-new', 'switch', 'finish'],
  restart: SWITCH,
  scale: ['start', 'switch', 'drain'],
  restore: [...BACK, ...EXCHANGE, 'finish'],
  backup: ['restore-point', 'send'],
  drill: ['rehearse'],
  stop: ['stop', 'drain'],
  start: ['begin', 'prepare', 'start', 'switch'],
  remove: ['stop', 'drain', 'remove'],
};
type Kind = OperationKind | 'rollback-with-data';

/** Files that an operation on data should have taken with it: all but those it replaced, which stay for an hour. */
const IN_RESTORING = /^restoring\/op\d+\/(?!old\b).*\.db/;

const app = 'pair';
const source = readSource(join(import.meta.dirname, 'apps', 'pair'));
const withVersion = (version: string): SourceFiles => ({ ...source, VERSION: `${version}\n` });

let platform: StoryPlatform;
let turn = 0;
/** What each release answers. */
const versions = new Map<number, string>();
let webInstances = 2;
/** What the data shall say, all of it. */
let mark = '';

before(async () => {
  platform = await StoryPlatform.open({ tls: 'off' });
});
after(() => platform[Symbol.asyncDispose]());

const params = { app };
const deploy = (files: SourceFiles): Promise<Operation> => platform.client.call('deploy', { body: archive(files), query: {} });
const status = async () => (await platform.client.call('status', {})).apps.find((it) => it.app === app);
const answers = async () => {
  const [web, owner] = await Promise.all([ask(platform.httpPort, 'pair.localhost'), ask(platform.httpPort, 'owner.localhost')]);
  return [web.body, owner.body];
};

const marks = async (path = '/marks') => (await ask(platform.httpPort, 'owner.localhost', { path })).body;

/** From now on the data says something new. */
async function changeData(): Promise<string> {
  turn += 1;
  mark = `mark${turn}`;
  await marks(`/set?mark=${mark}`);
  return mark;
}

/** The app runs with two good releases, so that every operation has something to work on. */
async function prepare(): Promise<void> {
  for (let missing = 2 - (await goodReleases()); missing > 0; missing -= 1) {
    turn += 1;
    const receipt = await platform.finished(await deploy(withVersion(String(turn))));
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    versions.set(receipt.release ?? 0, String(turn));
  }
  if ((await status())?.state === 'stopped') await platform.finished(await platform.client.call('start', { params }));
}

async function goodReleases(): Promise<number> {
  if (!(await status())) return 0;
  const { releases } = await platform.client.call('releases', { params });
  // One that is older than the one that serves is needed too.
  const serving = releases.find((it) => it.state === 'serving')?.release ?? 0;
  return releases.filter((it) => it.state !== 'failed' && it.state !== 'pruned' && it.release <= serving).length;
}

/** What there has to be before the operation can be asked for. */
async function prepareData(kind: Kind): Promise<string> {
  await changeData();
  const kept = mark;
  let point = '';
  if (kind === 'restore') {
    const receipt = await platform.finished(await platform.client.call('backup', { params, body: {} }));
    point = receipt.restorePoint ?? '';
  } else if (kind === 'rollback-with-data') {
    turn += 1;
    const receipt = await platform.finished(await deploy(withVersion(String(turn))));
    versions.set(receipt.release ?? 0, String(turn));
  } else return point;
  await changeData();
  mark = kept;
  return point;
}

/** Asks for an operation; `expected` is what the app answers when it is done, null when it no longer does. */
async function begin(kind: Kind, point = ''): Promise<{ operation: Operation; expected: string | null }> {
  const { client } = platform;
  const current = versions.get((await status())?.release ?? 0) ?? '?';
  switch (kind) {
    case 'deploy':
      turn += 1;
      return { operation: await deploy(withVersion(String(turn))), expected: String(turn) };
    case 'configure':
      turn += 1;
      return {
        operation: await client.call('changeEnvironment', { params, body: { changes: { TURN: String(turn) } } }),
        expected: current,
      };
    case 'rollback':
    case 'rollback-with-data': {
      const operation = await client.call('rollback', { params, body: { withData: kind === 'rollback-with-data' } });
      return { operation, expected: versions.get(operation.release ?? 0) ?? '?' };
    }
    case 'restart':
      return { operation: await client.call('restart', { params, body: {} }), expected: current };
    case 'scale':
      webInstances = webInstances === 2 ? 3 : 2;
      return { operation: await client.call('scale', { params, body: { services: { web: webInstances } } }), expected: current };
    case 'restore':
      return { operation: await client.call('restore', { params, body: { to: point } }), expected: current };
    case 'backup':
      return { operation: await client.call('backup', { params, body: { label: `turn ${turn}` } }), expected: current };
    case 'drill':
      return { operation: await client.call('drill', { params, body: {} }), expected: current };
    case 'stop':
      return { operation: await client.call('stop', { params }), expected: null };
    case 'start':
      return { operation: await client.call('start', { params }), expected: current };
    case 'remove':
      return { operation: await client.call('remove', { params, query: {} }), expected: null };
  }
}

/** What must hold after every operation, however often its daemon was killed. */
async function checkAll(kind: Kind, expected: string | null): Promise<void> {
  if (expected !== null) {
    assert.deepEqual(await answers(), [expected, expected], 'the right release serves');
    assert.equal(await marks(), JSON.stringify([{ mark, count: 200 }, { integrity_check: 'ok' }]), 'on the right data');
  }
  const wanted = expected === null ? 0 : webInstances + 1;
  const known = async () => ((await status())?.services ?? []).flatMap((service) => service.instances);
  await waitUntil(
    async () => {
      const ids = (await known()).map((it) => it.id).toSorted();
      return ids.length === wanted && ids.join() === runningInstances(platform.home).toSorted().join();
    },
    { what: `${wanted} instances and no other, in the journal and on the machine`, withinMs: 15_000 },
  );
  const instances = await known();
  assert.equal(
    instances.every((it) => it.state === 'healthy' && it.restarts === 0),
    true,
    JSON.stringify(instances),
  );
  using journal = new DatabaseSync(join(platform.home, 'journal.db'), { readOnly: true });
  const count = (what: string) => (journal.prepare(`SELECT count(*) AS count FROM ${what}`).get() as { count: number }).count;
  assert.equal(count("operation WHERE state IN ('queued', 'running', 'undoing')"), 0, 'no operation is left open');
  assert.equal(count('hold'), 0, 'nobody is held');
  assert.equal(count('instance'), wanted, 'no port is leased for nothing');
  assert.equal(count("release WHERE state = 'new'"), 0, 'every release is good or failed');
  const root = join(platform.home, 'apps', app);
  const remains = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => IN_RESTORING.test(path));
  assert.deepEqual(remains, [], 'of restores only what they took away is left');
  if (expected !== null)
    await waitUntil(() => replicatorsOf(platform.home).length === 1, { what: 'one process followed the data', withinMs: 15_000 });
  const notes = join(root, 'stores', 'db');
  const owners = readFileSync(join(notes, 'owners'), 'utf8');
  assert.equal(owners.includes('DOUBLE'), false, `never two owners:\n${owners}`);
  const released = readFileSync(join(notes, 'released'), 'utf8').trim().split('\n');
  // Numbers begin anew when an app was removed.
  const since = released.slice(released.lastIndexOf('1'));
  assert.equal(new Set(since).size, since.length, `each release command ran once: ${since.join(' ')}`);
  if (kind === 'remove') versions.clear();
}

async function runKilled(kind: Kind, fault: string): Promise<void> {
  await prepare();
  const point = await prepareData(kind);
  if (kind === 'start') await platform.finished(await platform.client.call('stop', { params }));
  const isVisited = !['stop', 'start', 'remove'].includes(kind);
  await platform.stop();
  await platform.start(fault);
  const visit = async (agent: Agent) => {
    for (const host of ['pair.localhost', 'owner.localhost']) {
      const { status: code, body } = await ask(platform.httpPort, host, { agent });
      if (code !== 200) throw new Error(`${host} answered ${code}: ${body.slice(0, 200)}`);
    }
  };
  const visitor = isVisited ? new Visitor(visit, 10) : null;
  const { operation, expected } = await begin(kind, point);
  await platform.died();
  assert.match(platform.log(), /daemon.ready/);
  await platform.start();
  const receipt = await platform.finished(operation);
  await visitor?.[Symbol.asyncDispose]();
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  if (kind === 'remove') webInstances = 2;
  else versions.set(receipt.release ?? 0, expected ?? versions.get(receipt.release ?? 0) ?? '?');
  await checkAll(kind, expected);
  if (visitor) assert.deepEqual(visitor.failures, [], `of ${visitor.requests} requests`);
}

const isTurn = (point: string): boolean =>
  isTorture || IN_SMALL_DOSE.includes(point) || !IN_TORTURE.some((start) => point.startsWith(start));

for (const kind of Object.keys(STEPS) as Kind[]) {
  for (const step of STEPS[kind].filter((it) => isTurn(`${kind}.${it}`))) {
    for (const phase of PHASES) {
      const point = `${kind === 'rollback-with-data' ? 'rollback' : kind}.${step}.${phase}`;
      test(`a daemon killed at ${point} of a ${kind} goes on when it is back`, () => runKilled(kind, point));
    }
  }
}

for (const step of ['prepare', 'start', 'hold', 'stop-old', 'start-new']) {
  test(`a daemon killed while it undoes ${step} of a bad release goes on undoing`, async () => {
    await prepare();
    await changeData();
    const before = versions.get((await status())?.release ?? 0) ?? '?';
    await platform.stop();
    await platform.start(`deploy.${step}.undo`);
    const broken = step === 'prepare' || step === 'start' ? { 'web.js': 'process.exit(1)' } : { 'owner.js': 'process.exit(1)' };
    turn += 1;
    const operation = await deploy({ ...withVersion(String(turn)), ...broken });
    await platform.died();
    await platform.start();
    const receipt = await platform.finished(operation);
    assert.equal(receipt.error?.code, 'INSTANCE_NOT_HEALTHY');
    await checkAll('deploy', before);
  });
}

for (const step of ['fetch', 'stop-old', 'exchange', 'start-new']) {
  test(`a daemon killed while it undoes ${step} of a restore that no release can work with goes on undoing`, async () => {
    await prepare();
    await marks('/set?mark=poison');
    const { restorePoint } = await platform.finished(await platform.client.call('backup', { params, body: {} }));
    await changeData();
    await platform.stop();
    await platform.start(`restore.${step}.undo`);
    const { operation, expected } = await begin('restore', restorePoint ?? '');
    await platform.died();
    await platform.start();
    const receipt = await platform.finished(operation);
    assert.equal(receipt.error?.code, 'INSTANCE_NOT_HEALTHY');
    await checkAll('restore', expected);
  });
}

for (const [kind, step] of [
  ['deploy', 'switch'],
  ['deploy', 'start-new'],
  ['restart', 'drain'],
] as const) {
  test(`daemon and edge killed together at ${kind}.${step} both come back with the right state`, async () => {
    await prepare();
    await changeData();
    await platform.stop();
    await platform.start(`${kind}.${step}.ran`);
    const { operation, expected } = await begin(kind);
    await platform.died();
    // Now, since a reload on the way may have replaced the worker. A worker whose master goes ends by itself, too.
    const edge = processesOfHome(platform.home).filter((pid) => readProcess(pid)?.name === 'haproxy');
    assert.notEqual(edge.length, 0, 'there is an edge to kill');
    for (const pid of edge) killProcess(pid);
    await platform.start();
    const receipt = await platform.finished(operation);
    assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
    versions.set(receipt.release ?? 0, expected ?? '?');
    // Nobody was there to answer while it was down, and it comes back beside the operation.
    await waitUntil(answers, { what: 'the edge to answer again' });
    await checkAll(kind, expected);
  });
}
