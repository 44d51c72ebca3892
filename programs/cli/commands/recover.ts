import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { port } from '../option-values.ts';
import type { Run } from '../session.ts';

export type RecoverOptions = {
  readonly http?: number;
  readonly https?: number;
  readonly at?: string;
  readonly dryRun?: true;
  readonly takeOver?: true;
  readonly passphraseFile?: string;
  readonly yes?: true;
};

export const addRecover = (program: Command, run: Run): void => {
  const command = program
    .command('recover')
    .summary('bring everything back on an empty machine, from a recovery kit')
    .description(
      'Reads the kit, takes the vault over from the machine that is lost, and brings back the platform’s own state, secrets, certificates, and every app with its releases and its data, each proven to be what was stored. Then it starts them. ' +
        'What is done is remembered: interrupted at any moment, the same command goes on. It only fills a home that is empty. ' +
        'A machine that was at work in the last ten minutes keeps its vault unless --take-over is given: from then on it cannot write there any more.',
    )
    .argument('<kit>', 'the file that berth kit wrote')
    .option('--dry-run', 'only say what would come back, how old it is and how long it takes; nothing is changed anywhere')
    .option('--at <moment>', 'everything as it was then, e.g. "2026-02-10 12:00:07" or "2 hours ago"')
    .option('--http <port>', 'port for HTTP, instead of the one that the platform had', port)
    .option('--https <port>', 'port for HTTPS, instead of the one that the platform had', port)
    .option('--take-over', 'the other machine is lost although it was there a moment ago')
    .option('--passphrase-file <file>', 'of a kit that is locked; asked for otherwise')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print what happens as JSON, a line each')
    .action((kit: string, options: RecoverOptions & { json?: true }) =>
      run(options, async (session) => {
        const { recoverHome } = await import('../recover-home.ts');
        return recoverHome(session, kit, options);
      }),
    );
  withExamples(command, [
    ['berth recover recovery-kit.txt --dry-run', 'look first'],
    ['berth recover recovery-kit.txt', 'everything, as new as it is'],
    ['berth recover recovery-kit.txt --at "yesterday 18:00"', 'the whole machine as it was'],
    ['BERTH_HOME=/srv/rehearsal berth recover kit.txt --http 9080 --https 9443 --take-over', 'beside another platform'],
  ]);
};
