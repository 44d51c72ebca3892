import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addDown = (program: Command, run: Run): void => {
  const command = program
    .command('down')
    .summary('stop the platform with all its apps')
    .description('Ends all instances, the edge and the daemon. Nothing is lost: berth up brings back what ran.')
    .option('--json', 'print what was stopped as JSON')
    .action((options: { json?: true }) =>
      run(options, async (session) => {
        const { stopPlatform } = await import('../stop-platform.ts');
        const { duration } = await import('../output/quantities.ts');
        const stopped = await stopPlatform(session);
        const { terminal } = session;
        if (session.json) terminal.printJson(stopped);
        else if (stopped.stopped) terminal.print(`everything is stopped (${duration(stopped.ms)}); berth up brings it back`);
        else terminal.print('nothing to stop: the platform does not run');
      }),
    );
  withExamples(command, [['berth down', 'until the next berth up']]);
};
