import { Editors } from './editors.ts';
import { crewShape, type Measurement, measure, openAll } from './measure.ts';
import { Server, type ServerName } from './servers.ts';

export type PadDose = { readonly editors: number; readonly warmupMs: number; readonly ms: number };
export type PadRun = { readonly editors: number; readonly cursors: boolean; readonly measurement: Measurement };

/** Everybody in one document, one key a second each; once without and once with where the cursor is after each key. */
export async function measurePad(dose: PadDose, scratch: string): Promise<PadRun[]> {
  const runs: PadRun[] = [];
  for (const cursors of [false, true]) {
    for (const name of ['kolabpad', 'broadcast'] as const) {
      const measurement = await measureOne(name, cursors, dose, scratch);
      runs.push({ editors: dose.editors, cursors, measurement });
      const { p50, p95, p99 } = measurement.delayMs;
      process.stderr.write(
        `pad: ${dose.editors} editors${cursors ? ' and cursors' : ''}, ${name}: p50 ${p50} p95 ${p95} p99 ${p99} ms\n`,
      );
    }
  }
  return runs;
}

async function measureOne(name: ServerName, cursors: boolean, { editors: count, warmupMs, ms }: PadDose, scratch: string) {
  await using server = await Server.start(name, scratch);
  await using editors = new Editors();
  await openAll(editors, crewShape(server, { documents: 1, sockets: count, cursors }));
  const pace = { keysPerSecond: count };
  await editors.type({ pace, ms: warmupMs });
  const measurement = await measure(server, editors, { pace, ms });
  await editors.close(5_000);
  return measurement;
}
