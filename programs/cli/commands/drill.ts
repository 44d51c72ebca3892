/** Rehearsed restores. */
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addDrill = (program: Command, run: Run): void => {
  const command = program
    .command('drill')
    .summary('rehearse a restore, and judge what came back')
    .description(
      'Restores the newest state into a scratch place, checks it, runs `backup.check` of the manifest on it, and remembers how long it took and what would have been lost. The app goes on as it is. ' +
        'It also runs by schedule: `backup.drill` in the manifest. Ends with 1 unless the backup holds. The app is that of this directory if none is named.',
    )
    .argument('[app]')
    .option('--target <target>', 'from there; from a place outside of this machine if left out and there is one')
    .option('--json', 'print the drill as JSON')
    .action((name: string | undefined, options: { target?: string; json?: true }) =>
      run(options, async (session) => {
        const { resolveApp } = await import('../app-name.ts');
        const { drillApp } = await import('../drill-app.ts');
        const client = await session.connect();
        return drillApp(session, client, { app: await resolveApp(client, name, 'drill'), target: options.target });
      }),
    );
  withExamples(command, [
    ['berth drill shop', 'is the backup of shop good?'],
    ['berth drill shop --target far', 'and the one far away?'],
  ]);
};

export const addDrills = (program: Command, run: Run): void => {
  const command = program
    .command('drills')
    .summary('list the rehearsals of an app')
    .description('Newest first. LOST is what would have been lost with the machine at that moment.')
    .argument('[app]')
    .option('--json', 'print the list as JSON')
    .action((name: string | undefined, options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const { resolveApp } = await import('../app-name.ts');
        const client = await session.connect();
        const app = await resolveApp(client, name, 'drills');
        const answer = await client.call('drills', { params: { app } });
        if (session.json) {
          terminal.printJson(answer);
          return;
        }
        const { localReader } = await import('../local-reader.ts');
        const { renderDrills } = await import('../output/drill.ts');
        if (answer.drills.length === 0) terminal.print(terminal.style.hint(`${app} was never rehearsed: berth drill ${app}`));
        else terminal.print(...renderDrills(answer.drills, localReader(), terminal));
      }),
    );
  withExamples(command, [['berth drills shop', 'how they went']]);
};
