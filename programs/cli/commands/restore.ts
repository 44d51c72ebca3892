/** The way back: what there is, and going there. */
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { collect } from '../option-values.ts';
import type { Run } from '../session.ts';

export const addRestorePoints = (program: Command, run: Run): void => {
  const command = program
    .command('restore-points')
    .summary('show what the data of an app can go back to')
    .description(
      'For each store and target, the stretch of time that can come back; and the restore points, newest first: taken before every deploy, rollback and restore, every day, and by hand. ' +
        'The app is that of this directory if none is named.',
    )
    .argument('[app]')
    .option('--json', 'print the time line as JSON')
    .action((name: string | undefined, options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const { resolveApp } = await import('../app-name.ts');
        const client = await session.connect();
        const timeLine = await client.call('timeLine', { params: { app: await resolveApp(client, name, 'restore-points') } });
        if (session.json) {
          terminal.printJson(timeLine);
          return;
        }
        const { localReader } = await import('../local-reader.ts');
        const { renderTimeLine } = await import('../output/time-line.ts');
        terminal.print(...renderTimeLine(timeLine, localReader(), terminal));
      }),
    );
  withExamples(command, [['berth restore-points shop', 'everything that can come back']]);
};

type RestoreOptions = {
  at?: string;
  to?: string;
  store?: string[];
  into?: string;
  target?: string;
  yes?: true;
  on?: string;
  json?: true;
};

export const addRestore = (program: Command, run: Run): void => {
  const command = program
    .command('restore')
    .summary('bring the data of an app back to a moment')
    .description(
      'All stores of the app go back to the same moment: into a scratch place first, verified there, then exchanged while requests wait. The state before is a restore point too, so that a restore can be undone. ' +
        'What will happen is shown first, with the zone of the moment, and asked. With --into the app goes on as it is, and a directory gets the data. ' +
        'Moments are "2026-02-10 12:00:07", "yesterday 14:00", 14:00, "10 minutes ago"; in the zone of this machine unless they name one (Z, +01:00, Europe/Berlin). ' +
        'The app is that of this directory if none is named.',
    )
    .argument('[app]')
    .option('--at <moment>', 'back to this moment')
    .option('--to <point>', 'back to this restore point, see berth restore-points')
    .option('--store <store>', 'only this one; may be given several times', collect)
    .option('--into <dir>', 'into this directory, which is empty or not there, instead of the app')
    .option('--target <target>', 'only from there; from the nearest that has it if left out')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the receipt as JSON')
    .action((name: string | undefined, { store, yes, json, on, ...options }: RestoreOptions) =>
      run({ ...(json && { json }), ...(on !== undefined && { on }) }, async (session) => {
        const { resolveApp } = await import('../app-name.ts');
        const { restoreApp } = await import('../restore-app.ts');
        const client = await session.connect();
        const app = await resolveApp(client, name, 'restore');
        return restoreApp(session, client, { app, ...options, ...(store !== undefined && { stores: store }), yes: yes === true });
      }),
    );
  withExamples(command, [
    ['berth restore shop --at "10 minutes ago"', 'shows what will happen, and asks'],
    ['berth restore shop --at "2026-02-10 12:00:07"', 'on the clock of this machine'],
    ['berth restore shop --to p12 --yes', 'a restore point, in a script'],
    ['berth restore shop --at "yesterday 14:00" --store db --into /tmp/db', 'a copy to look at'],
  ]);
};
