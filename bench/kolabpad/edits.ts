import { setTimeout as sleep } from 'node:timers/promises';
import { Editors } from './editors.ts';
import { crewShape, type Measurement, measure, openAll } from './measure.ts';
import { Server, type ServerName } from './servers.ts';

export type EditsDose = {
  readonly documents: readonly number[];
  readonly rounds: number;
  readonly warmupMs: number;
  readonly ms: number;
};
/** `full`: everybody types again as soon as acknowledged. `steady`: one key a second each. */
export type EditsRun = { readonly documents: number; readonly full: Measurement; readonly steady: Measurement };

const EDITORS_PER_DOCUMENT = 3;
const KEYS_PER_SECOND = 1;

/** Turn and turn about, so that what else happens on the machine meets both alike. */
export async function measureEdits(dose: EditsDose, scratch: string): Promise<EditsRun[]> {
  const runs: EditsRun[] = [];
  for (const documents of dose.documents) {
    for (let round = 1; round <= dose.rounds; round += 1) {
      for (const name of ['kolabpad', 'broadcast'] as const) {
        runs.push(await measureOne(name, documents, dose, scratch));
        process.stderr.write(`edits: ${documents} documents, round ${round}, ${name}: ${describe(runs.at(-1))}\n`);
      }
    }
  }
  return runs;
}

async function measureOne(name: ServerName, documents: number, { warmupMs, ms }: EditsDose, scratch: string): Promise<EditsRun> {
  await using server = await Server.start(name, scratch);
  await using editors = new Editors();
  await openAll(editors, crewShape(server, { documents, sockets: documents * EDITORS_PER_DOCUMENT }));
  await editors.type({ pace: 'closed', ms: warmupMs });
  const full = await measure(server, editors, { pace: 'closed', ms });
  await sleep(warmupMs); // what the full load left to write is none of the next one's
  const keysPerSecond = documents * EDITORS_PER_DOCUMENT * KEYS_PER_SECOND;
  const steady = await measure(server, editors, { pace: { keysPerSecond }, ms });
  await editors.close(5_000);
  return { documents, full, steady };
}

const describe = (run: EditsRun | undefined): string =>
  run === undefined
    ? ''
    : `${run.full.editsPerSecond} edits/s; at one key a second p50 ${run.steady.delayMs.p50} ms, p99 ${run.steady.delayMs.p99} ms`;
