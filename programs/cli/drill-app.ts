/** `berth drill`: the operation, and what it found. */
import type { Client } from '@berth/protocol';
import { EXIT } from './exit-codes.ts';
import { localReader } from './local-reader.ts';
import { completeOperation, exitCodeOfOutcome, printOutcome } from './outcome.ts';
import { renderDrill } from './output/drill.ts';
import type { Session } from './session.ts';

export const drillApp = async (
  session: Session,
  client: Client,
  { app, target }: { app: string; target: string | undefined },
): Promise<number> => {
  const { terminal, json } = session;
  const body = target === undefined ? {} : { target };
  const outcome = await completeOperation(session, client, await client.call('drill', { params: { app }, body }));
  const { drills } = await (await session.connect()).call('drills', { params: { app } });
  // One that was cancelled, or that could not begin, found nothing.
  const drill = drills.find(({ operation }) => operation === outcome.receipt.operation);
  if (json) terminal.printJson(drill ?? outcome.receipt);
  else {
    await printOutcome(terminal, client, outcome.receipt);
    if (drill !== undefined) terminal.print(...renderDrill(drill, localReader(), terminal));
  }
  const code = exitCodeOfOutcome(outcome.receipt, outcome.state);
  return code === EXIT.ok && drill?.outcome !== 'passed' ? EXIT.failed : code;
};
