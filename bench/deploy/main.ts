/**
 * Deploys under load: how many requests fail while an app is deployed again and again, other apps come and go, and the
 * edge reloads for them. `node bench/deploy/main.ts [--dose small] [--only rolling|handover|guide]`
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KeepAliveClient } from '../load/connection.ts';
import type { LoadReport, LoadShape } from '../load/load.ts';
import { LoadProcess } from '../load/load-process.ts';
import { describeMachine } from '../machine.ts';
import { Platform, type Receipt } from '../platform.ts';
import { reportResults, median, renderTable } from '../results.ts';
import { GuideWay } from './guide-way.ts';

type Dose = { readonly deploys: number; readonly requests: number; readonly pauseMs: number; readonly shape: LoadShape };
type Kind = 'rolling' | 'handover';
type Run = {
  readonly name: string;
  readonly load: LoadReport;
  readonly deployMs: readonly number[];
  readonly held: number | null;
  readonly visitors: number;
  readonly receiptFailed: number | null;
};

const TARGET = join(import.meta.dirname, '../load/target');
const HELLO = join(import.meta.dirname, '../../examples/hello');

const doses: Record<'full' | 'small', Dose> = {
  full: {
    deploys: 20,
    requests: 100_000,
    pauseMs: 1_000,
    shape: {
      busy: 64,
      busyPerSecond: 1_600,
      thinking: 300,
      posting: 8,
      postBytes: 32_768,
      slow: 8,
      slowMs: 5_000,
      webSockets: 100,
    },
  },
  small: {
    deploys: 3,
    requests: 5_000,
    pauseMs: 500,
    shape: { busy: 16, busyPerSecond: 400, thinking: 60, posting: 4, postBytes: 32_768, slow: 3, slowMs: 5_000, webSockets: 20 },
  },
};

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' }, only: { type: 'string' } } });
const dose = doses[values.dose === 'small' ? 'small' : 'full'];
const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-deploy-'));
try {
  const wanted = (name: string): boolean => values.only === undefined || values.only === name;
  const runs: Run[] = [];
  if (wanted('rolling')) runs.push(await deployWithBerth('rolling', 2));
  if (wanted('handover')) runs.push(await deployWithBerth('handover', 1));
  if (wanted('guide')) runs.push(await deployByGuide());
  report(runs);
  process.exitCode = runs.some(({ name, load }) => name !== 'guide' && load.failed > 0) ? 1 : 0;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function deployWithBerth(kind: Kind, instances: number): Promise<Run> {
  const directory = join(scratch, kind);
  cpSync(TARGET, directory, { recursive: true });
  writeFileSync(join(directory, 'berth.yaml'), renderManifest(kind, instances));
  await using platform = await Platform.start([directory]);
  await using load = new LoadProcess(platform.endpoint(kind), dose.shape);
  await underWay(load);
  const receipts: Receipt[] = [];
  let visitors = 0;
  for (let number = 1; number <= dose.deploys; number += 1) {
    // A new app changes the structure of the edge: it reloads. Every other time one comes, every other time one goes,
    // and every other pair of times that happens while the app is being deployed.
    const visit = async (): Promise<void> => {
      if (number % 2 === 1) await platform.deploy(visitorDirectory(++visitors));
      else await platform.remove(`visitor-${visitors}`);
    };
    writeFileSync(join(directory, 'release.js'), `export const release = 'r${number}';\n`);
    const isBeside = number % 4 === 3 || number % 4 === 0;
    if (!isBeside) await visit();
    const [receipt] = await Promise.all([platform.deploy(directory), isBeside ? visit() : null]);
    receipts.push(receipt);
    progress(kind, number, load);
    await sleep(dose.pauseMs); // the clients that think must meet what this deploy left behind
  }
  const load_ = await enough(load);
  await expectRelease(platform, kind, `r${dose.deploys}`);
  return {
    name: kind,
    load: load_,
    deployMs: receipts.map(({ ms }) => ms),
    held: receipts.reduce((sum, { requests }) => sum + requests.held, 0),
    receiptFailed: receipts.reduce((sum, { requests }) => sum + requests.failed, 0),
    visitors,
  };
}

async function deployByGuide(): Promise<Run> {
  await using guide = await GuideWay.start(join(scratch, 'guide'), TARGET);
  await using load = new LoadProcess(guide.endpoint, dose.shape);
  await underWay(load);
  const deployMs: number[] = [];
  for (let number = 1; number <= dose.deploys; number += 1) {
    deployMs.push((await guide.deploy(`r${number}`)).ms);
    progress('guide', number, load);
    await sleep(dose.pauseMs);
  }
  return { name: 'guide', load: await load.stop(), deployMs, held: null, receiptFailed: null, visitors: 0 };
}

function renderManifest(kind: Kind, instances: number): string {
  return `app: ${kind}
services:
  web:
    run: node server.js
    instances: ${instances}
    switch: ${kind}
    health: { path: /, every: 1s }
    stop: { within: 15s }
`;
}

function visitorDirectory(number: number): string {
  const directory = join(scratch, `visitor-${number}`);
  mkdirSync(directory, { recursive: true });
  cpSync(HELLO, directory, { recursive: true });
  writeFileSync(
    join(directory, 'berth.yaml'),
    `app: visitor-${number}\nservices:\n  web:\n    run: node server.js\n    health: /\n`,
  );
  return directory;
}

async function underWay(load: LoadProcess): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (load.progress.requests < 500 || load.progress.webSocketsOpen < dose.shape.webSockets) {
    if (performance.now() > deadline) throw new Error(`the load does not get going: ${JSON.stringify(load.progress)}`);
    await sleep(100);
  }
}

/** Goes on until the promised number of requests has been made. */
async function enough(load: LoadProcess): Promise<LoadReport> {
  const deadline = performance.now() + 180_000;
  while (load.progress.requests < dose.requests && performance.now() < deadline) await sleep(500);
  return await load.stop();
}

async function expectRelease(platform: Platform, host: string, release: string): Promise<void> {
  const client = new KeepAliveClient(platform.endpoint(host));
  const answer = await client.send(`GET / HTTP/1.1\r\nHost: ${host}.localhost:${platform.httpsPort}\r\n\r\n`, 10_000);
  client.close();
  const served = answer.headers.get('x-release');
  if (served !== release) throw new Error(`${host} serves release ${served} after the deploy of ${release}`);
}

function progress(name: string, number: number, load: LoadProcess): void {
  const { requests, failed, worstMs } = load.progress;
  process.stderr.write(
    `${name}: deploy ${number} of ${dose.deploys}, ${requests} requests, ${failed} failed, worst ${worstMs} ms\n`,
  );
}

function report(runs: readonly Run[]): void {
  const names: Record<string, string> = {
    rolling: 'Berth, rolling, 2 instances',
    handover: 'Berth, handover, 1 instance',
    guide: 'by a guide: stop, swap, start',
  };
  const rows = runs.map(({ name, load, held, deployMs }) => [
    names[name] ?? name,
    load.requests,
    load.failed,
    held ?? '-',
    Math.round(load.latencyMs.all.worst),
    load.latencyMs.all.p99,
    Math.round(median(deployMs)),
    `${load.webSockets.moved} of ${load.webSockets.opened}`,
  ]);
  const reasons = runs
    .filter(({ load }) => load.failed > 0)
    .map(
      ({ name, load }) =>
        `- ${name}: ${Object.entries(load.reasons)
          .map(([reason, count]) => `${count} × ${reason}`)
          .join('; ')}`,
    );
  const { shape } = dose;
  reportResults('deploy', {
    title: 'Deploys under load',
    machine: describeMachine(['haproxy', 'nginx']),
    sections: [
      `${dose.deploys} deploys each; with Berth another app is added or removed before or during every one of them, which reloads the edge. Load: ${shape.busy} busy keep-alive connections (${shape.busyPerSecond} requests/s together), ${shape.thinking} keep-alive clients that think 1.5 to 2.5 s, ${shape.posting} that post ${shape.postBytes} bytes and check the digest, ${shape.slow} with requests of ${shape.slowMs / 1000} s, ${shape.webSockets} WebSockets. Failed is everything but a whole, correct answer. Held requests waited at the edge and were answered. Latencies in ms, those of the slow requests beyond what they asked for.`,
      renderTable(['way', 'requests', 'failed', 'held', 'worst', 'p99', 'deploy (median)', 'WebSockets moved'], rows),
      reasons.length === 0 ? 'Nothing failed.' : `What failed:\n\n${reasons.join('\n')}`,
    ],
    keep: values.dose === 'full' && values.only === undefined,
    data: { dose, runs },
  });
}
