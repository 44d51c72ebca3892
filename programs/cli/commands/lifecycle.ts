/** Commands that change how an app runs, and not what it is. */
import type { Client, Operation } from '@berth/protocol';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { serviceCount } from '../option-values.ts';
import type { Run, Session } from '../session.ts';

/** Every one of them ends alike: ask, follow, report. */
const operate = async (session: Session, ask: (client: Client) => Promise<Operation>): Promise<number> => {
  const { finishOperation } = await import('../outcome.ts');
  const client = await session.connect();
  return finishOperation(session, client, await ask(client));
};

export const addRestart = (program: Command, run: Run): void => {
  const command = program
    .command('restart')
    .summary('replace the instances of an app, without losing a request')
    .argument('<app>')
    .argument('[service]', 'only this service')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, service: string | undefined, options: { json?: true }) =>
      run(options, (session) =>
        operate(session, (client) => client.call('restart', { params: { app }, body: service === undefined ? {} : { service } })),
      ),
    );
  withExamples(command, [
    ['berth restart shop', 'all its services'],
    ['berth restart shop worker', 'one of them'],
  ]);
};

export const addScale = (program: Command, run: Run): void => {
  const command = program
    .command('scale')
    .summary('change how many instances services have')
    .description('Kept through deploys until it is changed again. A service with `switch: handover` has one instance only.')
    .argument('<app>')
    .argument('<service=number...>', 'as many as are to change', serviceCount)
    .option('--json', 'print the receipt as JSON')
    .action((app: string, services: Record<string, number>, options: { json?: true }) =>
      run(options, (session) => operate(session, (client) => client.call('scale', { params: { app }, body: { services } }))),
    );
  withExamples(command, [
    ['berth scale shop web=3', 'three instances of web'],
    ['berth scale shop web=4 worker=2', 'two services at once'],
  ]);
};

export const addStop = (program: Command, run: Run): void => {
  const command = program
    .command('stop')
    .summary('stop all instances of an app')
    .description('Its data, releases and settings stay; requests are answered with 503 until berth start.')
    .argument('<app>')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, options: { json?: true }) =>
      run(options, (session) => operate(session, (client) => client.call('stop', { params: { app } }))),
    );
  withExamples(command, [['berth stop shop', 'until berth start shop']]);
};

export const addStart = (program: Command, run: Run): void => {
  const command = program
    .command('start')
    .summary('start a stopped app again')
    .argument('<app>')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, options: { json?: true }) =>
      run(options, (session) => operate(session, (client) => client.call('start', { params: { app } }))),
    );
  withExamples(command, [['berth start shop', 'with the release it had']]);
};

export const addRemove = (program: Command, run: Run): void => {
  const command = program
    .command('rm')
    .summary('remove an app')
    .description(
      'Stops it and forgets its releases. Its stores stay on disk for an app of the same name, unless --purge is given.',
    )
    .argument('<app>')
    .option('--purge', 'delete its stores, variables and secrets as well; this cannot be undone')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the receipt as JSON')
    .action((app: string, options: { purge?: true; yes?: true; json?: true }) =>
      run(options, async (session) => {
        const purge = options.purge === true;
        if (!options.yes) await confirmRemoval(session, app, purge);
        return operate(session, (client) => client.call('remove', { params: { app }, query: { purge } }));
      }),
    );
  withExamples(command, [
    ['berth rm shop', 'asks first; data is kept'],
    ['berth rm shop --purge --yes', 'with all its data, in a script'],
  ]);
};

const confirmRemoval = async ({ terminal }: Session, app: string, purge: boolean): Promise<void> => {
  const { needsConfirmation } = await import('../errors.ts');
  if (!terminal.interactive) throw needsConfirmation(app, { what: `removing ${app}`, command: `berth rm ${app} --yes` });
  const { confirmName } = await import('../output/prompt.ts');
  const question = purge ? `Remove ${app} and delete all its data?` : `Remove ${app}? Its data is kept.`;
  await confirmName(terminal, { question, name: app, otherwise: `${app} was not removed` });
};
