import type { Examination } from '@berth/doctor';
import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run, Session } from '../session.ts';

type Options = { readonly fix?: boolean; readonly rules?: boolean; readonly slow?: boolean; readonly json?: boolean };

export const addDoctor = (program: Command, run: Run): void => {
  const command = program
    .command('doctor')
    .summary('look for what is wrong, and say what to do')
    .description(
      'Looks at this machine, the platform and its apps from outside, so it also works while the daemon is down. Says of each ' +
        'thing that is wrong what was seen, why, and what to type. Changes nothing without --fix.',
    )
    .argument('[app]', 'only what concerns this app, the platform and the machine')
    .option('--fix', 'mend what can be mended safely, saying so first; then look again')
    .option('--slow', 'also look where it takes minutes: idle WebSockets, large databases')
    .option('--rules', 'list the rules, and which problems of the guides they answer')
    .option('--json', 'print the findings as JSON')
    .action((app: string | undefined, options: Options) =>
      run(options, async (session) => (options.rules ? listRules(session) : lookFor(session, app ?? null, options))),
    );
  withExamples(command, [
    ['berth doctor', 'everything'],
    ['berth doctor shop', 'one app'],
    ['berth doctor --fix', 'and mend what is safe to mend'],
    ['berth doctor --json', 'for a script; the exit code is 1 when something was found'],
  ]);
};

const lookFor = async (session: Session, app: string | null, { fix = false, slow = false }: Options): Promise<number> => {
  const { env, terminal, json } = session;
  const { homeLayout, resolveHome } = await import('@berth/host');
  const { existsSync } = await import('node:fs');
  const home = resolveHome(env.variables, env.uid);
  if (!existsSync(homeLayout(home).journal)) throw (await import('@berth/protocol')).platformNeverStarted(home);
  const { examine } = await import('@berth/doctor');
  const look = (): Promise<Examination> => examine({ home, uid: env.uid, app, slow });
  let examination = await look();
  const repaired: string[] = [];
  if (fix) {
    for (const repair of examination.repairs) {
      if (repair === null) continue;
      if (!json) terminal.note(`--fix: ${repair.says}`);
      await repair.run();
      repaired.push(repair.says);
    }
    if (repaired.length > 0) examination = await look();
  }
  const { findings, looked, blind, exposures, ms } = examination;
  if (json) terminal.printJson({ ok: findings.length === 0, findings, looked, blind, exposures, repaired, ms });
  else {
    const { renderFindings, renderSummary } = await import('../output/doctor.ts');
    terminal.print(
      ...renderFindings(findings, terminal),
      ...(findings.length > 0 ? [''] : []),
      ...renderSummary(examination, terminal),
    );
  }
  const { EXIT } = await import('../exit-codes.ts');
  return findings.length === 0 ? EXIT.ok : EXIT.failed;
};

const listRules = async ({ terminal, json }: Session): Promise<number> => {
  const { coverage, rules } = await import('@berth/doctor');
  if (json) {
    terminal.printJson({
      rules: rules.map(({ id, area, symptom, looks, slow }) => ({ id, area, symptom, looks, slow: slow === true })),
      coverage,
    });
    return 0;
  }
  const { renderTable } = await import('../output/table.ts');
  terminal.print(
    ...renderTable(
      { head: ['RULE', 'AREA', 'SYMPTOM'], rows: rules.map(({ id, area, symptom }) => [id, area, symptom]) },
      terminal,
    ),
    '',
    ...renderTable(
      {
        head: ['GUIDE', 'PROBLEM', 'ANSWERED BY'],
        rows: coverage.map(({ guide, row, rules: by }) => [guide, row, by.join(', ')]),
      },
      terminal,
    ),
    '',
    `${rules.length} rules; ${coverage.filter(({ rules: by }) => by.length > 0).length} of ${coverage.length} rows of the guides are answered`,
  );
  return 0;
};
