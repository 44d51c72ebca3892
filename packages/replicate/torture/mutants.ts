/**
 * Shows that the torture finds what it is there to find: breaks a copy of the package in one place after the other, and
 * tortures each. `node packages/replicate/torture/mutants.ts [--only NAME] [--within-s 60] [--seed 1]`
 * Ends with 1 when a broken copy passes, or when the unbroken one does not.
 */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Mutant, MUTANTS } from './mutant-list.ts';
import type { Scene } from './round-plan.ts';

const PACKAGE = join(import.meta.dirname, '..');
/** Inside the repository, so that the copies find the packages that they import; ignored by git. */
const COPIES = join(PACKAGE, '../../.berth/mutants');
const WITHIN_S = 60;
/** Of the unbroken package in each scene, to know that the rounds themselves are sound. */
const CONTROL_ROUNDS = 3;

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    'within-s': { type: 'string', default: String(WITHIN_S) },
    seed: { type: 'string', default: '1' },
    'no-control': { type: 'boolean', default: false },
  },
});

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop.abort());

const wanted = MUTANTS.filter(({ name }) => values.only?.includes(name) ?? true);
if (wanted.length === 0) throw new Error(`--only is one of ${MUTANTS.map(({ name }) => name).join(', ')}`);
mkdirSync(COPIES, { recursive: true });
const scratch = mkdtempSync(join(COPIES, 'run-'));
const survivors: string[] = [];
try {
  // A round that nobody passes would catch every mutant, and show nothing.
  const scenes = values['no-control'] ? [] : new Set(wanted.map(({ scene }) => scene));
  for (const scene of scenes) {
    if (stop.signal.aborted) break;
    const name = `the unbroken package, ${scene ?? 'a bit of everything'}`;
    const { caught, output } = await tortureCopy(copyOf(`control ${scene}`, null), { rounds: CONTROL_ROUNDS, scene });
    say(caught ? `${name}: FAILED\n${output}` : `${name}: passes ${CONTROL_ROUNDS} rounds`);
    if (caught) survivors.push(name);
  }
  for (const mutant of wanted) {
    if (stop.signal.aborted) break;
    const { caught, seconds, output } = await tortureCopy(copyOf(mutant.name, mutant), {
      rounds: 1_000,
      windows: mutant.windows,
      scene: mutant.scene,
    });
    const complaint = /^ {2}(.*)$/m.exec(output)?.[1] ?? '';
    say(
      `${caught ? 'caught' : 'SURVIVED'} after ${seconds.toFixed(1)} s: ${mutant.name}${caught ? ` (${complaint.slice(0, 160)})` : ''}`,
    );
    if (!caught) survivors.push(mutant.name);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
if (stop.signal.aborted) survivors.push('it was ended before its time');
say(survivors.length === 0 ? `all ${wanted.length} were caught` : `NOT AS IT SHOULD BE: ${survivors.join('; ')}`);
process.exitCode = survivors.length === 0 ? 0 : 1;

function copyOf(name: string, mutant: Mutant | null): string {
  const copy = join(scratch, name.replaceAll(/\W+/g, '-'));
  cpSync(PACKAGE, copy, { recursive: true, filter: (path) => !path.endsWith('.test.ts') });
  if (mutant === null) return copy;
  for (const { file, from, to } of mutant.changes) {
    const path = join(copy, file);
    const source = readFileSync(path, 'utf8');
    const places = source.split(from).length - 1;
    if (places !== 1) throw new Error(`${mutant.name}: ${file} has ${places} places like this one, not 1: ${from}`);
    writeFileSync(
      path,
      source.replace(from, () => to),
    );
  }
  return copy;
}

type Rounds = { readonly rounds: number; readonly windows?: string; readonly scene?: Scene | undefined };
type Outcome = { readonly caught: boolean; readonly seconds: number; readonly output: string };

/** Caught is what a round complained about; what dies of its own mistake, or is still alive when time is up, is not. */
async function tortureCopy(copy: string, { rounds, windows = '', scene }: Rounds): Promise<Outcome> {
  const begun = performance.now();
  const args = ['--rounds', String(rounds), '--seed', values.seed, '--work-ms', '2500', '--scratch', join(copy, 'rounds')];
  if (windows !== '') args.push('--faults', windows);
  if (scene !== undefined) args.push('--scene', scene);
  const child = spawn(process.execPath, [join(copy, 'torture/main.ts'), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // It kills what it started before it ends; only a second signal ends it at once.
  const end = (): boolean => child.kill('SIGTERM');
  const timer = setTimeout(end, Number(values['within-s']) * 1000);
  stop.signal.addEventListener('abort', end);
  const output = await text(child.stdout);
  clearTimeout(timer);
  stop.signal.removeEventListener('abort', end);
  return { caught: output.includes(' FAILED: '), seconds: (performance.now() - begun) / 1000, output };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
