import type { HardenOptions, HardenReport } from '@berth/harden';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { EXIT } from '../exit-codes.ts';
import type { Run, Session } from '../session.ts';

type Options = { yes?: true; dryRun?: true; only?: string[]; selfConfirm?: true; json?: true };

export const addHarden = (program: Command, run: Run): void => {
  const harden = program.command('harden').summary('protect this machine: firewall, SSH, updates and more');

  const apply = harden
    .command('apply', { isDefault: true })
    .summary('put right what is wrong')
    .description(
      'Shows what is wrong and what it would do, asks, and does it. Every change can be taken back with `berth harden undo`. ' +
        'A change of SSH or the firewall that is made over SSH is taken back by itself after a minute, unless ' +
        '`berth harden confirm` is run over a new connection: so nobody is locked out.',
    )
    .option('--only <id...>', 'these checks only; berth audit lists them')
    .option('--dry-run', 'show what it would do, and change nothing')
    .option('-y, --yes', 'do not ask')
    .option('--self-confirm', 'over SSH too, be content when sshd answers a connection of the machine to itself')
    .option('--json', 'print the report as JSON; with --yes or --dry-run')
    .action((options: Options) => run(options, (session) => applyHardening(session, options)));
  withExamples(apply, [
    ['berth harden --dry-run', 'what is wrong, and what would be done'],
    ['berth harden', 'do it, after a question'],
    ['berth harden --only upgrades fail2ban --yes', 'some of it, without a question'],
  ]);

  const confirm = harden
    .command('confirm')
    .summary('keep the changes of SSH and firewall: run it over a new connection')
    .option('--json', 'print what was confirmed as JSON')
    .action((options: { json?: true }) =>
      run(options, async (session) => {
        const { confirmHardening } = await import('@berth/harden');
        const { hardenOptions } = await import('../harden-options.ts');
        const confirmed = await confirmHardening(hardenOptions(session, undefined));
        if (session.json) session.terminal.printJson({ confirmed });
        else session.terminal.print(`${session.terminal.style.green('✓')} ${confirmed.join(' and ')} will stay as changed`);
      }),
    );
  withExamples(confirm, [['berth harden confirm', 'in a second terminal, after a new login']]);

  const undo = harden
    .command('undo')
    .summary('take back what was changed, to exactly what was there before')
    .argument('[id...]', 'checks; all without any')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print what was taken back as JSON; with --yes')
    .action((ids: string[], options: { yes?: true; json?: true }) => run(options, (session) => takeBack(session, ids, options)));
  withExamples(undo, [
    ['berth harden undo fail2ban', 'one check'],
    ['berth harden undo', 'all of it'],
  ]);
};

const applyHardening = async (session: Session, options: Options): Promise<number> => {
  const { hardenHost } = await import('@berth/harden');
  const { hardenOptions } = await import('../harden-options.ts');
  const { renderHardened, renderPlan } = await import('../output/audit.ts');
  const { terminal, json } = session;
  const given = hardenOptions(session, options.only);
  const asks = options.yes !== true;
  if (options.dryRun === true || asks) {
    const plan = await hardenHost({ ...given, dryRun: true, confirm: 'self' });
    if (json && options.dryRun === true) terminal.printJson(plan);
    else if (!json) terminal.print(...renderPlan(plan, terminal));
    const isNothing = plan.checks.every(({ steps }) => steps.length === 0);
    if (options.dryRun === true || (isNothing && !json && plan.awaiting.length === 0)) return plan.ok ? EXIT.ok : EXIT.failed;
    await askToGoOn(session);
  }
  const report = await apply(session, given, options);
  if (json) terminal.printJson(report);
  else terminal.print('', ...renderHardened(report, terminal));
  return report.ok ? EXIT.ok : EXIT.failed;
};

const apply = async ({ terminal, json }: Session, given: HardenOptions, options: Options): Promise<HardenReport> => {
  const { hardenHost } = await import('@berth/harden');
  const isRemote = given.sshConnection !== '' && options.selfConfirm !== true;
  return hardenHost({
    ...given,
    confirm: isRemote ? 'later' : 'self',
    onStep: ({ check, did }) => (json ? undefined : terminal.note(terminal.style.dim(`  ${check}: ${did}`))),
  });
};

const askToGoOn = async ({ terminal, json }: Session): Promise<void> => {
  const { cancelled, needsConfirmation } = await import('../errors.ts');
  if (json || !terminal.interactive)
    throw needsConfirmation('', { what: 'changing this machine', command: 'berth harden --yes' });
  const { isAgreed } = await import('../output/prompt.ts');
  if (!(await isAgreed(terminal, 'Do this now? [y/N] '))) throw cancelled('nothing was changed');
};

const takeBack = async (session: Session, ids: readonly string[], options: { yes?: true }): Promise<void> => {
  const { undoHardening } = await import('@berth/harden');
  const { hardenOptions } = await import('../harden-options.ts');
  const { terminal, json } = session;
  const given = hardenOptions(session, ids);
  if (options.yes !== true) {
    const { cancelled, needsConfirmation } = await import('../errors.ts');
    const command = `berth harden undo ${[...ids, '--yes'].join(' ')}`;
    if (json || !terminal.interactive) throw needsConfirmation('', { what: 'taking hardening back', command });
    const { isAgreed } = await import('../output/prompt.ts');
    const question = `Take back ${ids.join(', ') || 'all of it'}? The machine is less protected then. [y/N] `;
    if (!(await isAgreed(terminal, question))) throw cancelled('nothing was changed');
  }
  const results = await undoHardening(given);
  if (json) terminal.printJson({ undone: results });
  else if (results.length === 0) terminal.print('there is nothing to take back');
  else
    for (const { check, undone } of results)
      terminal.print(`${terminal.style.green('✓')} ${check}: ${undone.length} changes taken back`);
};
