import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export type KitOptions = {
  readonly out?: string;
  readonly passphrase?: true;
  readonly passphraseFile?: string;
  readonly force?: true;
  readonly print?: true;
};

export const addKit = (program: Command, run: Run): void => {
  const command = program
    .command('kit')
    .summary('write the recovery kit, which brings everything back on a new machine')
    .description(
      'The kit is one small text file: the key that opens every backup, and the addresses and access keys of all targets. With it and a target, `berth recover` brings back the whole platform on an empty machine; without it nobody can read the backups. ' +
        'Keep it where the machine is not: a password manager, paper, a stick in a drawer. Whoever has it can read all data, unless it has a passphrase, which is then needed too. ' +
        'Write a new one after targets were added or their keys changed; each time is written to the audit log.',
    )
    .option('--out <file>', 'write it there, readable by you alone')
    .option('--passphrase', 'lock it with a passphrase, asked for twice')
    .option('--passphrase-file <file>', 'lock it with the passphrase in a file')
    .option('--force', 'replace the file if it is there')
    .option('--print', 'without --out: show it, also on a terminal')
    .option('--json', 'print the result as JSON')
    .action((options: KitOptions & { json?: true }) =>
      run(options, async (session) => {
        const { writeKit } = await import('../write-kit.ts');
        await writeKit(session, options);
      }),
    );
  withExamples(command, [
    ['berth kit --out recovery-kit.txt', 'then take it away from this machine'],
    ['berth kit --out recovery-kit.txt --passphrase', 'of no use to a finder'],
    ['berth kit | ssh me@elsewhere "umask 077; cat > recovery-kit.txt"', 'without a copy here'],
  ]);
};
