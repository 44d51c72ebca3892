import { availableParallelism } from 'node:os';
import { pssBytes } from '../process-tree.ts';
import { Editors } from './editors.ts';
import { crewShape, localAddresses, type Measurement, measure, openAll } from './measure.ts';
import { Server, type ServerName } from './servers.ts';

export type ScaleDose = {
  readonly sockets: number;
  readonly documents: number;
  readonly keysPerSecond: number;
  readonly holdMs: number;
};
export type ScaleRun = {
  readonly server: ServerName;
  readonly wanted: { readonly sockets: number; readonly documents: number };
  readonly sockets: number;
  readonly documents: number;
  /** What one process may have open on this machine: the reason when `sockets` are fewer than wanted. */
  readonly openFiles: number;
  readonly openMs: number;
  readonly idlePssBytes: number;
  readonly pssBytes: number;
  readonly measurement: Measurement;
  readonly answeredPings: number;
  /** What Kolabpad itself counts while they are held; null of the peer. */
  readonly counted: { readonly documents: number; readonly sockets: number } | null;
  readonly closing: { readonly cut: number; readonly serverMs: number };
};

/** Of a process: its listener, database, log, timers and standard streams. */
const OTHER_FILES = 200;
const PING_MS = 60_000;
const CLOSE_MS = 60_000;

/** As many sockets as wanted, or as one process may hold, open at once while some of the documents are edited. */
export async function measureScale(dose: ScaleDose, scratch: string): Promise<ScaleRun[]> {
  const runs: ScaleRun[] = [];
  for (const name of ['kolabpad', 'broadcast'] as const) {
    runs.push(await measureOne(name, dose, scratch));
    process.stderr.write(`scale: ${name}: ${JSON.stringify(runs.at(-1))}\n`);
  }
  return runs;
}

async function measureOne(name: ServerName, dose: ScaleDose, scratch: string): Promise<ScaleRun> {
  const wantedFiles = dose.sockets + OTHER_FILES;
  await using server = await Server.start(name, scratch, wantedFiles);
  const sockets = Math.min(dose.sockets, server.openFiles - OTHER_FILES);
  const documents = Math.min(dose.documents, sockets);
  await using editors = new Editors({ processes: availableParallelism() > 1 ? 2 : 1, openFiles: wantedFiles });
  const idlePssBytes = pssBytes(server.pid);
  const startedMs = performance.now();
  await openAll(editors, crewShape(server, { documents, sockets, localAddresses: localAddresses(sockets) }));
  const openMs = Math.round(performance.now() - startedMs);
  const measurement = await measure(server, editors, { pace: { keysPerSecond: dose.keysPerSecond }, ms: dose.holdMs });
  const { answered } = await editors.ping(PING_MS);
  const counted = name === 'kolabpad' ? await readStats(server) : null;
  const heldPssBytes = pssBytes(server.pid);
  const { cut } = await editors.close(CLOSE_MS);
  const { ms } = await server.stop();
  return {
    server: name,
    wanted: { sockets: dose.sockets, documents: dose.documents },
    sockets,
    documents,
    openFiles: server.openFiles,
    openMs,
    idlePssBytes,
    pssBytes: heldPssBytes,
    measurement,
    answeredPings: answered,
    counted,
    closing: { cut, serverMs: ms },
  };
}

async function readStats({ endpoint }: Server): Promise<{ documents: number; sockets: number }> {
  const response = await fetch(`http://${endpoint.address}:${endpoint.port}/api/stats`);
  const stats = (await response.json()) as { documents_in_memory: number; websocket_connections: number };
  return { documents: stats.documents_in_memory, sockets: stats.websocket_connections };
}
