import type { Command } from 'commander';
import { withExamples } from '../examples.ts';
import { VERSION } from '../version.ts';

export const addVersion = (program: Command): void => {
  const command = program
    .command('version')
    .summary('print the version of Berth')
    .option('--json', 'print it as JSON')
    .action((options: { json?: true }) => {
      process.stdout.write(renderVersion(options.json === true));
    });
  withExamples(command, [['berth version', 'of the command; the daemon says its own in berth ps']]);
};

export const renderVersion = (json: boolean): string =>
  json
    ? `${JSON.stringify({ version: VERSION, node: process.versions.node })}\n`
    : `berth ${VERSION} (Node ${process.versions.node})\n`;
