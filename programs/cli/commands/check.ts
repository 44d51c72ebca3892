import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import type { Run } from '../session.ts';

export const addCheck = (program: Command, run: Run): void => {
  const command = program
    .command('check')
    .summary('check a manifest without deploying it')
    .description('Reads berth.yaml and names every mistake in it, with line, column and a suggestion. Needs no platform.')
    .argument('[dir]', 'directory that holds berth.yaml', '.')
    .option('--json', 'print the result as JSON')
    .action((given: string, options: { json?: true }) =>
      run(options, async ({ terminal, json }) => {
        const { formatProblem, renderProblems } = await import('@berth/core');
        const { missingFilesDirectories, missingSources, readAppDirectory } = await import('../app-directory.ts');
        const { EXIT } = await import('../exit-codes.ts');
        const app = await readAppDirectory(given);
        const missing = [...(await missingSources(app)), ...(await missingFilesDirectories(app))];
        const ok = app.problems.length === 0 && missing.length === 0;
        if (json) {
          const { problems, warnings, manifest } = app;
          terminal.printJson({ ok, app: manifest?.app ?? null, file: app.file, problems, missing, warnings });
          return ok ? EXIT.ok : EXIT.manifest;
        }
        const { style } = terminal;
        for (const warning of app.warnings) terminal.note(`${style.yellow('Warning:')} ${formatProblem(warning)}`);
        if (app.problems.length > 0) terminal.note(renderProblems(app.text, app.problems).trimEnd());
        for (const line of missing) terminal.note(`${style.red('Error:')} ${line}`);
        if (ok && app.manifest) terminal.print(`${style.green('✓')} ${app.file} is right: ${describeManifest(app.manifest)}`);
        return ok ? EXIT.ok : EXIT.manifest;
      }),
    );
  withExamples(command, [
    ['berth check', 'the manifest in this directory'],
    ['berth check ../shop --json', 'problems for a script or an editor'],
  ]);
};

type Described = {
  readonly app: string;
  readonly services: readonly { readonly name: string }[];
  readonly routes: readonly { readonly host: string }[];
  readonly stores: readonly { readonly name: string }[];
};

const describeManifest = ({ app, services, routes, stores }: Described): string =>
  [
    `app ${app}`,
    listed(
      'service',
      services.map(({ name }) => name),
    ),
    listed(
      'host',
      routes.map(({ host }) => host),
    ),
    listed(
      'store',
      stores.map(({ name }) => name),
    ),
  ]
    .filter(Boolean)
    .join(', ');

const listed = (what: string, names: readonly string[]): string =>
  names.length === 0 ? '' : `${what}${names.length > 1 ? 's' : ''} ${names.join(' and ')}`;
