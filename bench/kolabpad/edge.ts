import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Endpoint } from '../load/connection.ts';
import { Platform } from '../platform.ts';
import type { Opened, Typed } from './crew.ts';
import type { Dialect } from './editor.ts';
import { Editors } from './editors.ts';
import { crewShape, localAddresses, openAll, typeAll } from './measure.ts';
import { NO_LIMITS, type ServerName } from './servers.ts';

export type EdgeDose = {
  readonly documents: number;
  readonly padEditors: number;
  readonly warmupMs: number;
  readonly ms: number;
  readonly sockets: number;
};
export type EdgeRun = {
  readonly server: ServerName;
  readonly way: 'direct' | 'edge';
  /** Three editors in each of so many documents, or all in one. */
  readonly documents: number;
  readonly editors: number;
  readonly typed: Typed;
};
export type EdgeSockets = Opened & { readonly wanted: number; readonly answeredPings: number; readonly openMs: number };
export type EdgeResult = { readonly runs: readonly EdgeRun[]; readonly sockets: EdgeSockets };

const ROOT = join(import.meta.dirname, '../..');
/** Below the burst that Kolabpad's manifest lets the edge take from one address. */
const SOCKETS_PER_ADDRESS = 300;
const PING_MS = 60_000;
const dialects: Readonly<Record<ServerName, Dialect>> = { kolabpad: 'kolabpad', broadcast: 'relay' };

/** Both deployed on a platform of their own: the same processes asked directly and through Berth's edge, over TLS. */
export async function measureEdge(dose: EdgeDose, scratch: string): Promise<EdgeResult> {
  await using platform = await Platform.start([join(ROOT, 'apps/kolabpad'), broadcastApp(scratch)]);
  const settings = Object.entries(NO_LIMITS).map(([name, value]) => `${name}=${value}`);
  await platform.berth(['env', 'kolabpad', 'set', ...settings]);
  const runs: EdgeRun[] = [];
  for (const server of ['kolabpad', 'broadcast'] as const) {
    const ways = { direct: await instanceOf(platform, server), edge: platform.endpoint(server) };
    for (const way of ['direct', 'edge'] as const) {
      for (const [documents, editors] of [
        [dose.documents, dose.documents * 3],
        [1, dose.padEditors],
      ] as const) {
        const typed = await typeThrough(ways[way], { server, documents, editors }, dose);
        runs.push({ server, way, documents, editors, typed });
        const { p50, p95, p99 } = typed.delayMs;
        process.stderr.write(`edge: ${server}, ${way}, ${documents} documents: p50 ${p50} p95 ${p95} p99 ${p99} ms\n`);
      }
    }
  }
  return { runs, sockets: await fillEdge(platform, dose.sockets) };
}

async function typeThrough(
  endpoint: Endpoint,
  load: { server: ServerName; documents: number; editors: number },
  { warmupMs, ms }: EdgeDose,
): Promise<Typed> {
  await using editors = new Editors();
  const { server, documents, editors: sockets } = load;
  const addresses = localAddresses(sockets, SOCKETS_PER_ADDRESS);
  await openAll(editors, crewShape({ endpoint, dialect: dialects[server] }, { documents, sockets, localAddresses: addresses }));
  const pace = { keysPerSecond: sockets };
  await editors.type({ pace, ms: warmupMs });
  const typed = await typeAll(`${server} at ${endpoint.host}:${endpoint.port}`, editors, { pace, ms });
  await editors.close(5_000);
  return typed;
}

/** Opens sockets until all are there or the edge takes no more. */
async function fillEdge(platform: Platform, wanted: number): Promise<EdgeSockets> {
  await using editors = new Editors({ openFiles: wanted + 200, processes: 2 });
  const at = { endpoint: platform.endpoint('kolabpad'), dialect: dialects.kolabpad };
  const startedMs = performance.now();
  const opened = await editors.open(
    crewShape(at, {
      documents: Math.ceil(wanted / 10),
      sockets: wanted,
      localAddresses: localAddresses(wanted, SOCKETS_PER_ADDRESS),
    }),
  );
  const openMs = Math.round(performance.now() - startedMs);
  const { answered } = await editors.ping(PING_MS);
  await editors.close(10_000);
  process.stderr.write(
    `edge: ${opened.open} of ${wanted} sockets, ${answered} answered a ping: ${JSON.stringify(opened.failed)}\n`,
  );
  return { ...opened, wanted, answeredPings: answered, openMs };
}

async function instanceOf(platform: Platform, app: string): Promise<Endpoint> {
  const { apps } = await platform.status();
  const port = apps.find((one) => one.app === app)?.services.flatMap(({ instances }) => instances)[0]?.port;
  if (port === undefined || port === null) throw new Error(`${app} has no instance with a port`);
  return { secure: false, address: '127.0.0.1', port, host: '127.0.0.1', ca: null };
}

/** The peer as an app: its one file, and the `ws` that Kolabpad uses too. */
function broadcastApp(scratch: string): string {
  const directory = join(scratch, 'broadcast-app');
  mkdirSync(directory);
  cpSync(join(import.meta.dirname, 'broadcast-server.ts'), join(directory, 'broadcast-server.ts'));
  cpSync(join(ROOT, 'node_modules/ws'), join(directory, 'vendor/ws'), { recursive: true, dereference: true });
  writeFileSync(join(directory, 'package.json'), '{ "type": "module" }\n');
  // A deploy leaves out what is installed, so that it comes under another name.
  const manifest = `app: broadcast
build: mkdir node_modules && cp -r vendor/ws node_modules/ws
services:
  web:
    run: node broadcast-server.ts
    health: /
`;
  writeFileSync(join(directory, 'berth.yaml'), manifest);
  return directory;
}
