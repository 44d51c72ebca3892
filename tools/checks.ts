/** The checks that are other people's programs. Each counts as one test of the check phase. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import path from 'node:path';
import type { TestResult } from './test-result.ts';

type Check = { name: string; argv: readonly [string, ...string[]] };

export const checksOf = (root: string): Check[] => [
  ...typedProjects(root).map((project): Check => {
    const name = project === '.' ? 'types (tsc)' : `types of ${project} (tsc)`;
    return { name, argv: ['tsc', '--noEmit', '-p', project] };
  }),
  { name: 'lint (oxlint)', argv: ['oxlint', '--type-aware', '--deny-warnings', '--format=unix'] },
  { name: 'format (biome)', argv: ['biome', 'format', '--max-diagnostics=20', '.'] },
  { name: 'dead code (knip)', argv: ['knip', '--no-progress', '--no-config-hints'] },
];

/** Apps beside the rest, so that what their pages need has its own: a browser knows other names than Node does. */
const typedProjects = (root: string): string[] => [
  '.',
  ...globSync(['apps/tsconfig.json', 'apps/*/tsconfig.json'], { cwd: root })
    .map((file) => path.dirname(file))
    .toSorted(),
];

export const runCheck = async (root: string, check: Check): Promise<TestResult> => {
  const [program, ...args] = check.argv;
  const started = performance.now();
  const programs = path.join(root, 'node_modules/.bin');
  // Their first lines ask for `node`, which has to be the pinned one also when npm did not start us.
  const env = { ...process.env, PATH: `${programs}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1' };
  const child = spawn(path.join(programs, program), args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ended = once(child, 'close');
  // A program that cannot be started (not installed) is a failed check, not a crash of the runner.
  const detail = await ended.then(
    ([code]) => (code === 0 ? undefined : `${check.argv.join(' ')} ended with ${code}\n${output.trim()}`),
    (error: unknown) => `${program} could not be started: ${String(error)}`,
  );
  const ms = performance.now() - started;
  return {
    file: 'check',
    line: undefined,
    name: check.name,
    outcome: detail === undefined ? 'passed' : 'failed',
    ms,
    detail: detail ?? '',
  };
};
