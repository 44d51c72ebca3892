import { join, relative } from 'node:path';
import { test } from 'node:test';
import { type Suite, whyNoMachine } from './image.ts';
import { bootMachine, type Machine } from './machine.ts';

export type InsideOptions = {
  readonly suite: Suite;
  readonly packages?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** What is to be shown from outside, once the tests inside have run. */
  readonly afterwards?: (machine: Machine) => Promise<void>;
};

const SOURCE = join(import.meta.dirname, '../../..');
const MOUNT = '/opt/berth-source';
/** Not below /tmp, which units of a sandbox have for themselves. */
const TEMPORARY = '/var/lib/berth-tests';

/** Whether a test file is being run by `testInside`, in the machine. */
export const isInside = (): boolean => import.meta.dirname.startsWith(`${MOUNT}/`);

/** A test that boots a machine and runs a test file in it, with Berth's own Node; each test in there is one of its subtests. */
export const testInside = (name: string, file: string, options: InsideOptions): void => {
  const { suite, packages = [], env = {}, timeoutMs = 600_000, afterwards } = options;
  test(name, { skip: whyNoMachine() ?? false, timeout: timeoutMs + 240_000 }, async (t) => {
    await using machine = await bootMachine({ suite, packages, source: true });
    await machine.execOk(['mkdir', '--mode=0711', TEMPORARY]);
    const inner = join(MOUNT, relative(SOURCE, file));
    const command = ['node_modules/.bin/node', '--test', '--test-reporter=tap', inner];
    const { stdout, stderr } = await machine.exec(['/bin/sh', '-c', `cd ${MOUNT} && exec "$@"`, 'sh', ...command], {
      env: { TMPDIR: TEMPORARY, ...env },
      timeoutMs,
    });
    const results = parseTap(stdout);
    if (results.length === 0) throw new Error(`no test ran inside: ${stderr.slice(-2_000)}${stdout.slice(-2_000)}`);
    for (const { title, skip, failure } of results)
      await t.test(title, { skip: skip ?? false }, () => {
        if (failure !== null) throw new Error(failure);
      });
    await afterwards?.(machine);
  });
};

export type TapResult = { readonly title: string; readonly skip: string | null; readonly failure: string | null };

/** The tests of node's TAP, without the suites around them. A failure is the text of its block. */
export const parseTap = (text: string): readonly TapResult[] => {
  const results: TapResult[] = [];
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const [, indent, outcome, words = ''] = line.match(/^( *)(ok|not ok) \d+ - (.*)$/) ?? [];
    if (outcome === undefined || indent === undefined) continue;
    const end = lines.findIndex((it, index) => index > at && it === `${indent}  ...`);
    const block = lines.slice(at + 1, end < 0 ? at + 1 : end).map((it) => it.slice(indent.length + 2));
    if (block.includes("type: 'suite'")) continue;
    const [, title = words, skip] = words.match(/^(.*?) # SKIP ?(.*)$/) ?? [];
    results.push({
      title: title.replace(/\\(.)/g, '$1'),
      skip: skip ?? null,
      failure: outcome === 'ok' ? null : block.filter((it) => it !== '---').join('\n') || words,
    });
  }
  return results;
};
