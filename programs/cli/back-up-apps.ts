/** `berth backup`: one app after the other, each to its end. */
import type { Client } from '@berth/protocol';
import { appHere } from './app-name.ts';
import { usage } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { completeOperation, exitCodeOfOutcome, type Outcome, printOutcome } from './outcome.ts';
import type { Session } from './session.ts';

type Wanted = { readonly named: readonly string[]; readonly label?: string };

export const backUpApps = async (session: Session, { named, label }: Wanted): Promise<number> => {
  const client = await session.connect();
  const apps = named.length > 0 ? named : await defaultApps(client);
  if (apps.length === 0)
    throw usage('no app has data to back up', 'name what it has under `stores` in its berth.yaml, and deploy it');
  const outcomes: Outcome[] = [];
  for (const app of apps) {
    const body = label === undefined ? {} : { label };
    const outcome = await completeOperation(session, client, await client.call('backup', { params: { app }, body }));
    outcomes.push(outcome);
    if (!session.json) await printOutcome(session.terminal, await session.connect(), outcome.receipt);
    if (outcome.state === 'cancelled') break;
  }
  if (session.json) session.terminal.printJson({ receipts: outcomes.map(({ receipt }) => receipt) });
  return outcomes.map(({ receipt, state }) => exitCodeOfOutcome(receipt, state)).find((code) => code !== EXIT.ok) ?? EXIT.ok;
};

/** That of the directory, or all that have something to back up. */
const defaultApps = async (client: Client): Promise<string[]> => {
  const here = await appHere();
  if (here !== null) return [here];
  const { apps } = await client.call('status', {});
  return apps.filter(({ stores }) => stores.length > 0).map(({ app }) => app);
};
