/**
 * What Berth's edge costs: requests per second and p99 beside a hand-written HAProxy with the same features, a bare
 * HAProxy and Caddy, all before the same app. `node bench/edge/main.ts [--dose small]`
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { Platform, type Status } from '../platform.ts';
import { cpuSeconds } from '../process-tree.ts';
import { reportResults, median, renderTable } from '../results.ts';
import { makeCertificate, type Proxy, startBare, startCaddy, startFiles, startHandWritten } from './peers.ts';
import { type Measurement, measure } from './wrk.ts';

type Case = { readonly name: string; readonly tls: 'on' | 'off'; readonly path: string };
type Round = Measurement & { readonly proxy: string; readonly case: string; readonly requestsPerCpuSecond: number };

const cases: readonly Case[] = [
  { name: '1 KB answer', tls: 'off', path: '/' },
  { name: '1 KB answer, TLS', tls: 'on', path: '/' },
  { name: '10 KB file', tls: 'off', path: '/files/ten-kilobytes.bin' },
  { name: '10 KB file, TLS', tls: 'on', path: '/files/ten-kilobytes.bin' },
];
const labels: Readonly<Record<string, string>> = {
  berth: 'Berth',
  hand: 'HAProxy by hand',
  bare: 'HAProxy, bare',
  caddy: 'Caddy',
};

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' } } });
const { rounds, seconds } = values.dose === 'small' ? { rounds: 1, seconds: 2 } : { rounds: 3, seconds: 5 };

const directory = mkdtempSync(join(tmpdir(), 'berth-bench-edge-'));
try {
  const app = join(directory, 'app');
  cpSync(join(import.meta.dirname, 'app'), app, { recursive: true });
  const publicDirectory = join(app, 'public');
  mkdirSync(publicDirectory);
  writeFileSync(join(publicDirectory, 'ten-kilobytes.bin'), Buffer.alloc(10_240, 'x'));
  makeCertificate(directory);

  await using clear = await Platform.start([app], { tls: 'off' });
  await using secure = await Platform.start([app]);
  const [clearStatus, secureStatus] = [await clear.status(), await secure.status()];
  const backend = { directory, appPort: appPort(clearStatus), publicDirectory };
  await using _files = await startFiles(backend);
  const hand = await startHandWritten(backend);
  await using _hand = hand.program;
  const bare = await startBare(backend);
  await using _bare = bare.program;
  const caddy = await startCaddy(backend);
  await using _caddy = caddy.program;

  const withFiles = (proxy: Proxy): Proxy => ({
    ...proxy,
    pids: { off: [...proxy.pids.off, _files.pid], on: [...proxy.pids.on, _files.pid] },
  });
  const berth: Proxy = {
    name: 'berth',
    host: 'bench.localhost',
    port: { off: clear.httpPort, on: secure.httpsPort },
    pids: { off: edgePids(clearStatus), on: edgePids(secureStatus) },
  };
  report(await measureAll([berth, withFiles(hand.proxy), withFiles(bare.proxy), caddy.proxy]));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** Turn and turn about, so that what else happens on the machine meets all alike. */
async function measureAll(proxies: readonly Proxy[]): Promise<Round[]> {
  const taken: Round[] = [];
  for (const case_ of cases) {
    for (let round = 1; round <= rounds; round += 1) {
      for (const proxy of proxies) {
        const url = `${case_.tls === 'on' ? 'https' : 'http'}://127.0.0.1:${proxy.port[case_.tls]}${case_.path}`;
        const before = cpuSeconds(proxy.pids[case_.tls]);
        const measured = await measure(url, `${proxy.host}:${proxy.port[case_.tls]}`, seconds);
        const cpu = cpuSeconds(proxy.pids[case_.tls]) - before;
        taken.push({ ...measured, proxy: proxy.name, case: case_.name, requestsPerCpuSecond: measured.requests / cpu });
        process.stderr.write(
          `${case_.name}, round ${round}, ${proxy.name}: ${Math.round(measured.requestsPerSecond)}/s, p99 ${measured.p99Ms} ms\n`,
        );
      }
    }
  }
  return taken;
}

function appPort(status: Status): number {
  const port = status.apps[0]?.services[0]?.instances[0]?.port;
  if (port === undefined || port === null)
    throw new Error(`the app of the benchmark has no instance with a port: ${JSON.stringify(status.apps)}`);
  return port;
}

function edgePids(status: Status): number[] {
  const pids = status.edge.processes.map(({ pid }) => pid);
  if (pids.length === 0) throw new Error('berth ps names no process of the edge');
  return pids;
}

function report(taken: readonly Round[]): void {
  const names = [...new Set(taken.map(({ proxy }) => proxy))];
  const of = (proxy: string, case_: string, pick: (round: Round) => number): number =>
    median(taken.filter((round) => round.proxy === proxy && round.case === case_).map(pick));
  const ratio = (case_: string, peer: string, pick: (round: Round) => number): string =>
    (of('berth', case_, pick) / of(peer, case_, pick)).toFixed(2);
  const peers = names.filter((name) => name !== 'berth');
  const ratios = (pick: (round: Round) => number): string[][] =>
    cases.map(({ name }) => [name, ...peers.map((peer) => ratio(name, peer, pick))]);
  const head = ['Berth as a ratio to', ...peers.map((peer) => labels[peer] ?? peer)];
  const absolute = cases.flatMap(({ name }) =>
    names.map((proxy) => [
      `${name}: ${labels[proxy] ?? proxy}`,
      Math.round(of(proxy, name, (round) => round.requestsPerSecond)),
      Math.round(of(proxy, name, (round) => round.requestsPerCpuSecond)),
      of(proxy, name, (round) => round.p99Ms).toFixed(2),
    ]),
  );
  reportResults('edge', {
    title: 'What the edge costs',
    machine: describeMachine(['haproxy', 'nginx', 'caddy', 'wrk']),
    sections: [
      `64 keep-alive connections of HTTP/1.1, medians of ${rounds} rounds of ${seconds} s taken in turn. All stand before the same app. All run in sessions of their own, between which Linux shares out the cores. The hand-written HAProxy has what Berth gives every app: routing by a map of host and path prefix, a guard of the path, forwarded headers, a request id, security headers, a rate limit that is not reached, gzip, a body limit, a health check, a hold, WebSockets apart, a JSON access log with the same fields. It knows that there is one app, and refuses the odd paths that Berth brings into one spelling. The bare one has nothing, Caddy a log, the headers and gzip. Files are served by nginx behind both HAProxys, as behind Berth's. Client, proxy and app share the cores, so requests per second of the proxy's own CPU time say more than those per second.`,
      `Requests per CPU-second of the proxy (higher is better):\n\n${renderTable(
        head,
        ratios((round) => round.requestsPerCpuSecond),
      )}`,
      `Requests per second (higher is better):\n\n${renderTable(
        head,
        ratios((round) => round.requestsPerSecond),
      )}`,
      `p99 latency (lower is better):\n\n${renderTable(
        head,
        ratios((round) => round.p99Ms),
      )}`,
      `The figures themselves:\n\n${renderTable(['', 'requests/s', 'per CPU-second', 'p99 ms'], absolute)}`,
    ],
    keep: values.dose === 'full',
    data: { rounds, seconds, taken },
  });
}
