import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { EXIT } from '../exit-codes.ts';
import type { Run } from '../session.ts';

export const addAudit = (program: Command, run: Run): void => {
  const command = program
    .command('audit')
    .summary('show how well this machine is protected')
    .description('Reads everything that `berth harden` cares for, and changes nothing. Ends with 1 when something is wrong.')
    .option('--only <id...>', 'these checks only')
    .option('--json', 'print the report, with all evidence, as JSON')
    .action((options: { only?: string[]; json?: true }) =>
      run(options, async (session) => {
        const { auditHost } = await import('@berth/harden');
        const { hardenOptions } = await import('../harden-options.ts');
        const { renderAudit } = await import('../output/audit.ts');
        const report = await auditHost(hardenOptions(session, options.only));
        if (session.json) session.terminal.printJson(report);
        else session.terminal.print(...renderAudit(report, session.terminal));
        return report.ok ? EXIT.ok : EXIT.failed;
      }),
    );
  withExamples(command, [
    ['berth audit', 'as a table'],
    ['berth audit --json', 'with everything that was read, for a program'],
  ]);
};
