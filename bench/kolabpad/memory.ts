import { setTimeout as sleep } from 'node:timers/promises';
import { pssBytes } from '../process-tree.ts';
import { Editors } from './editors.ts';
import { crewShape, openAll } from './measure.ts';
import { Server, type ServerName } from './servers.ts';

export type MemoryDose = { readonly documents: number; readonly settleMs: number };
/** Bytes each. `pss` is what the machine gives, `live` what is in use of the heap and beside it once garbage is collected. */
export type Footprint = { readonly pss: number; readonly live: number };
export type MemoryRun = {
  readonly server: ServerName;
  readonly documents: number;
  readonly idle: Footprint;
  /** Of a text that is open and that nobody is connected to. */
  readonly document: Footprint;
  /** What the first connection to such a document adds. */
  readonly firstSocket: Footprint;
  /** What one more adds. */
  readonly nextSocket: Footprint;
};

const LETTERS = 1_024;

export async function measureMemory(dose: MemoryDose, scratch: string): Promise<MemoryRun[]> {
  const runs: MemoryRun[] = [];
  for (const name of ['kolabpad', 'broadcast'] as const) {
    runs.push(await measureOne(name, dose, scratch));
    process.stderr.write(`memory: ${name}: ${JSON.stringify(runs.at(-1))}\n`);
  }
  return runs;
}

async function measureOne(name: ServerName, { documents, settleMs }: MemoryDose, scratch: string): Promise<MemoryRun> {
  await using server = await Server.start(name, scratch);
  using inspector = await server.inspect();
  const look = async (): Promise<Footprint> => {
    await sleep(settleMs); // connections that close, timers that come once a second
    const { heapUsed, external } = await inspector.memory();
    await sleep(settleMs); // the heap gives pages back a little later
    return { pss: pssBytes(server.pid), live: heapUsed + external };
  };
  await using editors = new Editors();
  // What is compiled and filled once is not a document's.
  await openAll(editors, crewShape(server, { documents: 50, sockets: 50 }));
  await editors.seed(LETTERS);
  await editors.close(5_000);
  const idle = await look();

  const shape = crewShape(server, { documents, sockets: documents });
  await openAll(editors, shape);
  await editors.seed(LETTERS);
  await editors.close(10_000);
  const kept = await look();
  await openAll(editors, shape);
  const first = await look();
  await openAll(editors, shape);
  const second = await look();
  await editors.close(10_000);

  const each = (after: Footprint, before: Footprint): Footprint => ({
    pss: Math.round((after.pss - before.pss) / documents),
    live: Math.round((after.live - before.live) / documents),
  });
  return {
    server: name,
    documents,
    idle,
    document: each(kept, idle),
    firstSocket: each(first, kept),
    nextSocket: each(second, first),
  };
}
