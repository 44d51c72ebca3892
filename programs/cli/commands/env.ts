import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addEnv = (program: Command, run: Run): void => {
  const command = program
    .command('env')
    .summary('list and change the variables of an app')
    .description(
      'Variables set here stand above those in berth.yaml. A change makes a new release when the app runs. For passwords use berth secret.',
    )
    .argument('<app>')
    .argument('[action]', 'list, set or unset', 'list')
    .argument('[values...]', 'NAME=VALUE for set, NAME for unset')
    .option('--json', 'print the variables, or the receipt, as JSON')
    .action((app: string, action: string, values: string[], options: { json?: true }) =>
      run(options, async (session) => {
        const { usage } = await import('../errors.ts');
        const { terminal } = session;
        if (action === 'list' && values.length === 0) {
          const answer = await (await session.connect()).call('environment', { params: { app } });
          if (session.json) terminal.printJson(answer);
          else if (answer.variables.length === 0) terminal.note(`no variables are set for ${app} beside its manifest`);
          else terminal.print(...answer.variables.map(({ name, value }) => `${name}=${value}`));
          return;
        }
        const changes = changesOf(action, values);
        if (!changes) throw usage(`berth env ${app} ${[action, ...values].join(' ')} is not understood`, 'see: berth env --help');
        const { finishOperation } = await import('../outcome.ts');
        const client = await session.connect();
        return finishOperation(session, client, await client.call('changeEnvironment', { params: { app }, body: { changes } }));
      }),
    );
  withExamples(command, [
    ['berth env shop', 'what is set'],
    ['berth env shop set LOG_LEVEL=debug PAGE_SIZE=50', 'set two at once'],
    ['berth env shop unset PAGE_SIZE', 'back to what berth.yaml says'],
  ]);
};

/** Undefined when the words make no change. */
const changesOf = (action: string, values: readonly string[]): Record<string, string | null> | undefined => {
  if (values.length === 0) return undefined;
  if (action === 'unset' && values.every((value) => !value.includes('=')))
    return Object.fromEntries(values.map((name) => [name, null]));
  if (action !== 'set' || !values.every((value) => value.indexOf('=') > 0)) return undefined;
  return Object.fromEntries(values.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
};
