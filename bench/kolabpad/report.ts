import { median, renderTable } from '../results.ts';
import type { EdgeResult } from './edge.ts';
import type { EditsRun } from './edits.ts';
import type { Measurement } from './measure.ts';
import type { Footprint, MemoryRun } from './memory.ts';
import type { PadRun } from './pad.ts';
import type { ScaleRun } from './scale.ts';
import type { ServerName } from './servers.ts';

const MB = 1_000_000;
const KB = 1_000;

/** Medians of the rounds. */
export function describeEdits(runs: readonly EditsRun[]): string[] {
  if (runs.length === 0) return [];
  const full: (string | number)[][] = [];
  const steady: (string | number)[][] = [];
  for (const documents of new Set(runs.map((run) => run.documents))) {
    const of = (server: ServerName, pick: (run: EditsRun) => number): number =>
      median(runs.filter((run) => run.documents === documents && run.full.server === server).map(pick));
    const both = (pick: (run: EditsRun) => number): [number, number, string] => {
      const [ours, peers] = [of('kolabpad', pick), of('broadcast', pick)];
      return [ours, peers, peers > 0 ? (ours / peers).toFixed(2) : '-'];
    };
    full.push([
      documents,
      ...both((run) => run.full.editsPerSecond),
      ...both((run) => run.full.cpuMsPerEdit),
      ...both((run) => run.full.delayMs.p99).slice(0, 2),
      of('kolabpad', (run) => run.full.busy),
    ]);
    steady.push([
      documents,
      Math.round(of('kolabpad', (run) => run.steady.keystrokes / run.steady.seconds)),
      ...both((run) => run.steady.delayMs.p50),
      ...both((run) => run.steady.delayMs.p99),
      ...both((run) => run.steady.cpuMsPerEdit),
    ]);
  }
  const columns = (name: string): string[] => [name, 'broadcast', 'ratio'];
  return [
    `Three editors in each document, everybody typing again as soon as acknowledged. With few documents, that is bounded by how long an acknowledgement takes: it comes after the journal is written. With many, Kolabpad puts edits that it stored together into one message, where the broadcast server sends each to everybody: the ratio compares what comes of it, not the price of an operation.\n\n${renderTable(['documents', ...columns('edits/s'), ...columns('server ms/edit'), 'p99', 'broadcast', 'editors busy'], full)}`,
    `The same editors, one key a second each:\n\n${renderTable(['documents', 'keys/s', ...columns('p50'), ...columns('p99'), ...columns('server ms/edit')], steady)}`,
  ];
}

export function describePad(runs: readonly PadRun[]): string[] {
  if (runs.length === 0) return [];
  const rows = runs.map(({ cursors, measurement }) => [
    `${measurement.server}${cursors ? ', with cursors' : ''}`,
    ...delays(measurement),
    Math.round(measurement.messages / measurement.seconds),
    measurement.cpuMsPerEdit,
    measurement.loopDelayMs.p99,
    measurement.busy,
  ]);
  return [
    `${runs[0]?.editors} editors in one document, one key a second each; with cursors, each key is followed by where the cursor is now, as a page does. Kolabpad puts the edits of a moment into one message, and what it has to say at one moment into one write:\n\n${renderTable(['', 'p50', 'p95', 'p99', 'worst', 'messages/s out', 'server ms/edit', 'timers late, p99', 'editors busy'], rows)}`,
  ];
}

export function describeMemory(runs: readonly MemoryRun[]): string[] {
  if (runs.length === 0) return [];
  const size = ({ pss, live }: Footprint): (string | number)[] => [(pss / KB).toFixed(1), (live / KB).toFixed(1)];
  const rows = runs.flatMap((run) => [
    [`${run.server}: document of 1 KB, nobody there`, ...size(run.document)],
    [`${run.server}: its first socket`, ...size(run.firstSocket)],
    [`${run.server}: one more socket`, ...size(run.nextSocket)],
  ]);
  return [
    `KB each, of ${runs[0]?.documents}. PSS is what the machine gives, live is what is left after garbage collection, without what the kernel keeps for a connection. A document that nobody is connected to stays for a while, so that whoever comes back finds it. The broadcast server keeps none.\n\n${renderTable(['', 'PSS', 'live'], rows)}`,
  ];
}

export function describeEdge(result: EdgeResult | null): string[] {
  if (result === null) return [];
  const rows = result.runs.map(({ server, way, documents, editors, typed }) => [
    `${server}, ${way === 'edge' ? 'through the edge' : 'directly'}`,
    documents,
    editors,
    ...delays(typed),
  ]);
  const { sockets } = result;
  const refusals = Object.entries(sockets.failed).map(([reason, count]) => `${count} × ${reason}`);
  return [
    `On Berth, over TLS, one key a second for each editor:\n\n${renderTable(['', 'documents', 'editors', 'p50', 'p95', 'p99', 'worst'], rows)}`,
    `Sockets through the edge: ${sockets.open} of ${sockets.wanted} open at once after ${seconds(sockets.openMs)} s, ${sockets.answeredPings} answered a ping${refusals.length === 0 ? '' : `; not let in: ${refusals.join(', ')}`}.`,
  ];
}

export function describeScale(runs: readonly ScaleRun[]): string[] {
  const [first] = runs;
  if (first === undefined) return [];
  const rows = runs.map((run) => [
    run.server,
    run.sockets,
    run.documents,
    seconds(run.openMs),
    run.answeredPings,
    Math.round(run.pssBytes / MB),
    ((run.pssBytes - run.idlePssBytes) / run.sockets / KB).toFixed(1),
    Math.round(run.measurement.keystrokes / run.measurement.seconds),
    ...delays(run.measurement),
    run.measurement.loopDelayMs.p99,
    seconds(run.closing.serverMs),
  ]);
  const short =
    first.sockets < first.wanted.sockets
      ? ` Wanted were ${first.wanted.sockets} sockets: a process here may have ${first.openFiles} files open, and lifting that limit takes CAP_SYS_RESOURCE (or a higher hard limit for open files).`
      : '';
  const counted = runs.find((run) => run.counted !== null)?.counted;
  const says = counted ? ` Kolabpad itself counted ${counted.documents} documents and ${counted.sockets} connections.` : '';
  return [
    `Held at once for ${Math.round(first.measurement.seconds)} s, directly at the server, while some of the documents are edited.${says}${short}\n\n${renderTable(['', 'sockets', 'documents', 'opened in, s', 'pings answered', 'PSS, MB', 'KB each', 'keys/s', 'p50', 'p95', 'p99', 'worst', 'timers late, p99', 'stopped in, s'], rows)}`,
  ];
}

const delays = ({ delayMs }: Pick<Measurement, 'delayMs'>): number[] => [delayMs.p50, delayMs.p95, delayMs.p99, delayMs.worst];
const seconds = (ms: number): string => (ms / 1000).toFixed(1);
