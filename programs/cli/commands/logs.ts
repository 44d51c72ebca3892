import type { LogLine } from '@berth/protocol';
import { type Command, Option } from 'commander';
import { withExamples } from '../examples.ts';
import { positive } from '../option-values.ts';
import type { Run } from '../session.ts';

type Options = {
  follow?: true;
  since?: string;
  grep?: string;
  level?: LogLine['level'] & string;
  instance?: string;
  service?: string;
  tail?: number;
  json?: true;
};

export const addLogs = (program: Command, run: Run): void => {
  const command = program
    .command('logs')
    .summary('show what the instances of an app wrote')
    .argument('<app>')
    .option('-f, --follow', 'go on with new lines')
    .option('--since <time>', 'only lines after this: 10m, 2h, 7d, or 2030-01-02T03:04:05Z')
    .option('--grep <regexp>', 'only lines whose text matches')
    .addOption(new Option('--level <level>', 'only lines of this level or worse').choices(['debug', 'info', 'warn', 'error']))
    .option('--service <name>', 'only this service')
    .option('--instance <id>', 'only this instance, see berth ps')
    .option('--tail <lines>', 'only the newest so many (200 unless --since or --grep is given)', positive)
    .option('--json', 'print each line as a JSON document')
    .action((app: string, options: Options) =>
      run(options, async (session) => {
        const { streamLogs } = await import('../stream-logs.ts');
        const { onceInterrupted } = await import('../interrupt.ts');
        const { parseSince } = await import('../since.ts');
        using interrupt = onceInterrupted();
        const { follow, since, grep, level, instance, service, tail } = options;
        const query = {
          follow: follow === true,
          since: since === undefined ? undefined : parseSince(since, Date.now()),
          ...{ grep, level, instance, service, tail },
        };
        await streamLogs(session, { app, query, signal: interrupt.signal });
      }),
    );
  withExamples(command, [
    ['berth logs shop -f', 'the newest lines, and those to come'],
    ['berth logs shop --since 1h --level error', 'what went wrong in the last hour'],
    ["berth logs shop --grep 'order \\d+' --service web", 'a search'],
  ]);
};
