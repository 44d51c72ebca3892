/** `berth rollback`: asks first where data goes too. */
import { needsConfirmation } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { completeOperation, exitCodeOfOutcome, printOutcome } from './outcome.ts';
import { confirmName } from './output/prompt.ts';
import type { Session } from './session.ts';

export type RollbackWish = {
  readonly app: string;
  readonly to: number | undefined;
  readonly withData: boolean;
  readonly yes: boolean;
};

export const rollBack = async (session: Session, { app, to, withData, yes }: RollbackWish): Promise<number> => {
  const { terminal, json } = session;
  const client = await session.connect();
  if (withData && !yes) {
    const command = `berth rollback ${app}${to === undefined ? '' : ` --to ${to}`} --with-data --yes`;
    if (!terminal.interactive) throw needsConfirmation(app, { what: `taking the data of ${app} back`, command });
    terminal.note(
      `${app} goes back to ${to === undefined ? 'the release before' : `release ${to}`}, with the data that it left when it was replaced.`,
      'What was written since then goes. The state of now becomes a restore point first, so that this can be undone.',
    );
    await confirmName(terminal, { question: `Take ${app} and its data back?`, name: app, otherwise: 'nothing was changed' });
  }
  const body = { ...(to !== undefined && { to }), withData };
  const { receipt, state } = await completeOperation(session, client, await client.call('rollback', { params: { app }, body }));
  const code = exitCodeOfOutcome(receipt, state);
  if (json) {
    terminal.printJson(receipt);
    return code;
  }
  await printOutcome(terminal, client, receipt);
  if (withData && code === EXIT.ok && receipt.restorePoint !== null) {
    const next = terminal.style.hint(`the data before: berth restore ${app} --to ${receipt.restorePoint}`);
    terminal.print(terminal.style.dim(`  ${next}`));
  }
  return code;
};
