import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addTarget = (program: Command, run: Run): void => {
  const target = program.command('target').summary('list and change where backups go');

  const list = target
    .command('list', { isDefault: true })
    .summary('show where backups go, and how far each place is')
    .description(
      'BEHIND is the age of the oldest change that is not there yet. The target `local` lies on this machine: it is for going back after a mistake, and is lost with the machine.',
    )
    .option('--json', 'print the list as JSON')
    .action((options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        const answer = await (await session.connect()).call('targets', {});
        if (session.json) {
          terminal.printJson(answer);
          return;
        }
        const { renderKitAdvice, renderTargets } = await import('../output/target.ts');
        terminal.print(...renderTargets(answer.targets, terminal), ...renderKitAdvice(answer, terminal));
      }),
    );
  withExamples(list, [['berth target', 'all places, and how far each is']]);

  const add = target
    .command('add')
    .summary('send backups to another place')
    .description(
      'Tries the place out by writing and reading, then sends all that exists and everything new from then on, encrypted on this machine. ' +
        'URL is dir:/path (another disk, a mounted share) or s3://bucket/prefix?endpoint=https://host&region=name for any compatible service. ' +
        'The access key comes from --credentials-file, from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or is typed; never from the command line.',
    )
    .argument('<url>', 'dir:/path or s3://bucket/prefix?endpoint=…; quote it, since shells take ? and & for themselves')
    .option('--name <name>', 'what to call it; the bucket or the last directory if left out')
    .option('--credentials-file <file>', 'two lines, access key id and secret access key, or a file as in ~/.aws/credentials')
    .option('--take-over', 'take the vault there from another machine that is lost or will never run again')
    .option('--json', 'print the target and what was tried as JSON')
    .action((url: string, options: { name?: string; credentialsFile?: string; takeOver?: true; json?: true }) =>
      run(options, async (session) => {
        const { addTargetAt } = await import('../add-target.ts');
        await addTargetAt(session, { url, ...options, takeOver: options.takeOver === true });
      }),
    );
  withExamples(add, [
    ['berth target add dir:/mnt/backup', 'another disk'],
    ["berth target add 's3://backups/shop?region=eu-central-1'", 'S3 of AWS'],
    [
      "berth target add 's3://backups?endpoint=https://s3.example.com' --name far --credentials-file key.txt",
      'another service, with its key in a file',
    ],
  ]);

  const remove = target
    .command('rm')
    .summary('send nothing to a place any more')
    .description('What it holds stays there, and is no longer listed or used. The recovery kit should be written anew.')
    .argument('<name>')
    .option('--json', 'print what was removed as JSON')
    .action((name: string, options: { json?: true }) =>
      run(options, async (session) => {
        const { terminal } = session;
        await (await session.connect()).call('removeTarget', { params: { target: name } });
        if (session.json) terminal.printJson({ removed: name });
        else
          terminal.print(
            `nothing is sent to ${name} any more; what it holds stays there`,
            terminal.style.hint('the recovery kit still names it: berth kit --out FILE writes a new one'),
          );
      }),
    );
  withExamples(remove, [['berth target rm far', 'keeps what is there']]);
};
