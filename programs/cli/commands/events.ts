import { once } from 'node:events';
import type { Event } from '@berth/protocol';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addEvents = (program: Command, run: Run): void => {
  const command = program
    .command('events')
    .summary('show what happened on the platform')
    .description('Prints what is remembered, or with --follow what happens from now on.')
    .option('-f, --follow', 'go on with what happens from now on')
    .option('--app <app>', 'only what concerns this app')
    .option('--json', 'print each event as a JSON document')
    .action((options: { follow?: true; app?: string; json?: true }) =>
      run(options, async (session) => {
        const { renderEvent } = await import('../output/event.ts');
        const { onceInterrupted } = await import('../interrupt.ts');
        using interrupt = onceInterrupted();
        const { terminal } = session;
        const client = await session.connect();
        // Without a number the stream begins with what happens from now on.
        const query = options.follow ? { follow: true, app: options.app } : { since: 0, app: options.app };
        try {
          for await (const event of client.stream('events', { query, signal: interrupt.signal })) {
            const line = session.json ? JSON.stringify(event satisfies Event) : renderEvent(event, terminal);
            if (!terminal.out.write(`${line}\n`)) await once(terminal.out, 'drain');
          }
        } catch (thrown) {
          if (!interrupt.signal.aborted) throw thrown;
        }
      }),
    );
  withExamples(command, [
    ['berth events', 'what is remembered'],
    ['berth events -f --app shop --json', 'for a script that watches'],
  ]);
};
