/** What happened to an app: releases and receipts. */
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { positive } from '../option-values.ts';
import type { Run } from '../session.ts';

export const addReleases = (program: Command, run: Run): void => {
  const command = program
    .command('releases')
    .summary('list the releases of an app')
    .description(
      "Newest first. A release that is kept can be served again with berth rollback. COMMIT is that of the app's git repository, with a + where what was sent differed from it.",
    )
    .argument('<app>')
    .option('--json', 'print the list as JSON')
    .action((app: string, options: { json?: true }) =>
      run(options, async (session) => {
        const { renderReleases } = await import('../output/releases.ts');
        const { terminal } = session;
        const answer = await (await session.connect()).call('releases', { params: { app } });
        if (session.json) terminal.printJson(answer);
        else if (answer.releases.length === 0) terminal.print(`${app} has no release yet`);
        else terminal.print(...renderReleases(answer.releases, terminal));
      }),
    );
  withExamples(command, [['berth releases shop', 'all that are known']]);
};

export const addReceipt = (program: Command, run: Run): void => {
  const command = program
    .command('receipt')
    .summary('show what an operation did')
    .description('Steps with their durations, requests served, held and failed meanwhile, who asked and what changed.')
    .argument('<app>')
    .argument('[operation]', 'number of the operation; the newest if left out', positive)
    .option('--all', 'list all operations of the app instead')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, operation: number | undefined, options: { all?: true; json?: true }) =>
      run(options, async (session) => {
        const { renderReceipt, renderReceiptList } = await import('../output/receipt.ts');
        const { terminal } = session;
        const client = await session.connect();
        if (options.all) {
          const answer = await client.call('receipts', { params: { app } });
          if (session.json) terminal.printJson(answer);
          else terminal.print(...renderReceiptList(answer.receipts, terminal));
          return;
        }
        const receipt = await client.call('receipt', { params: { app, operation: operation ?? 'latest' } });
        if (session.json) terminal.printJson(receipt);
        else terminal.print(...renderReceipt(receipt, terminal));
      }),
    );
  withExamples(command, [
    ['berth receipt shop', 'the newest operation'],
    ['berth receipt shop 12', 'operation 12'],
    ['berth receipt shop --all', 'one line for each'],
  ]);
};
