import type { AppStatus } from '@berth/protocol';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addPs = (program: Command, run: Run): void => {
  const command = program
    .command('ps')
    .summary('show what runs where')
    .description(
      'Apps with their URLs, every instance with its state, process, port and memory, and how the data of each store is protected: ' +
        'WOULD LOSE is what would be lost with the machine at this moment, BACK AFTER how long the last rehearsed restore took.',
    )
    .argument('[app]', 'only this app')
    .option('--json', 'print the status as JSON')
    .action((name: string | undefined, options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const client = await session.connect();
        const status = await client.call('status', {});
        // Asked by name, so that an app that does not exist is an error and not an empty table.
        const apps: AppStatus[] = name === undefined ? status.apps : [await client.call('app', { params: { app: name } })];
        if (session.json) {
          terminal.printJson({ ...status, apps });
          return;
        }
        const { renderApps, renderInstances, renderPlatform } = await import('../output/status.ts');
        const { renderStores } = await import('../output/stores.ts');
        const instances = renderInstances(apps, terminal, Date.now());
        const stores = renderStores(apps, terminal, Date.now());
        terminal.print(...renderPlatform(status, terminal), '', ...renderApps(apps, terminal));
        if (instances.length > 0) terminal.print('', ...instances);
        if (stores.length > 0) terminal.print('', ...stores);
        const { certificates } = await client.call('certificates', {});
        const { renderAwaited } = await import('../output/certificates.ts');
        const awaited = renderAwaited(
          certificates,
          apps.flatMap(({ urls }) => urls),
          terminal,
        );
        if (awaited.length > 0) terminal.print('', ...awaited);
      }),
    );
  withExamples(command, [
    ['berth ps', 'everything'],
    ['berth ps shop', 'one app'],
    ['berth ps --json', 'for a script'],
  ]);
};
