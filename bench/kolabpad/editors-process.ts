/**
 * A crew of editors as a program of its own. One JSON object per line: an order in, its answer out, one after the other.
 * The end of standard input ends it: it never outlives its parent.
 */
import { createInterface } from 'node:readline';
import { Crew, type CrewShape, type Typing } from './crew.ts';

export type Order =
  | { readonly open: CrewShape }
  | { readonly seed: number }
  | { readonly type: Typing }
  | { readonly ping: number }
  | { readonly close: number };

const crew = new Crew();

for await (const line of createInterface({ input: process.stdin })) {
  const order = JSON.parse(line) as Order;
  process.stdout.write(`${JSON.stringify((await obey(order)) ?? null)}\n`);
}
process.stdout.end(() => process.exit(0));

function obey(order: Order): Promise<object | void> {
  if ('open' in order) return crew.open(order.open);
  if ('seed' in order) return crew.seed(order.seed);
  if ('type' in order) return crew.type(order.type);
  return 'ping' in order ? crew.ping(order.ping) : crew.close(order.close);
}
