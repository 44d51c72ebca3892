/**
 * The load as a program of its own, so that it neither slows nor is slowed by who measures. One JSON object per line:
 * in `{"start": {"endpoint", "shape"}}`, then `{"stop": true}`; out `{"progress"}` twice a second and `{"report"}` at the end.
 * The end of standard input ends it too: it never outlives its parent.
 */
import { createInterface } from 'node:readline';
import type { Endpoint } from './connection.ts';
import { Load, type LoadReport, type LoadShape, type Progress } from './load.ts';

export type Order = { start: { endpoint: Endpoint; shape: LoadShape } } | { stop: true };
export type Answer = { progress: Progress } | { report: LoadReport };

const tell = (answer: Answer): void => {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
};

let load: Load | null = null;
let telling: NodeJS.Timeout | null = null;

for await (const line of createInterface({ input: process.stdin })) {
  const order: Order = JSON.parse(line);
  if ('start' in order) {
    const started = new Load(order.start.endpoint, order.start.shape);
    started.start();
    telling = setInterval(() => tell({ progress: started.progress() }), 500);
    load = started;
  } else {
    if (load !== null) tell({ report: await load.stop() });
    break;
  }
}
if (telling !== null) clearInterval(telling);
process.stdout.end(() => process.exit(0));
