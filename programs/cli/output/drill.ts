/** Rehearsed restores: what came back, how long it took, and what would have been lost. */
import type { Reader } from '@berth/core';
import type { Drill } from '@berth/protocol';
import { bytes, duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';
import { formatSecond } from './time-line.ts';

type DrillOutcome = Drill['outcome'];
type Sheet = Pick<Terminal, 'style' | 'width'>;

export const renderDrill = (drill: Drill, reader: Reader, sheet: Sheet): string[] => {
  const { style } = sheet;
  const widest = Math.max(...drill.stores.map(({ store }) => store.length), drill.check === null ? 0 : 'check'.length);
  const line = (name: string, outcome: DrillOutcome, text: string) =>
    `  ${MARK[outcome](style)} ${name.padEnd(widest)}  ${text}`.trimEnd();
  const { check } = drill;
  return [
    ...drill.stores.flatMap(({ store, outcome, ms, bytes: size, restoredAt, evidence }) => [
      line(
        store,
        outcome,
        restoredAt === null
          ? evidence
          : `${bytes(size)} as of ${formatSecond(restoredAt, reader)}, in ${duration(ms)}: ${evidence}`,
      ),
    ]),
    ...(check === null
      ? []
      : [
          line(
            'check',
            check.ok ? 'passed' : 'failed',
            check.ok ? "the app's own check is content" : "the app's own check refuses the data:",
          ),
          ...(check.ok ? [] : lastLines(check.output).map((text) => style.dim(`      | ${text}`))),
        ]),
    `  ${verdict(drill, style)}`,
  ];
};

export const renderDrills = (drills: readonly Drill[], reader: Reader, sheet: Sheet): string[] =>
  renderTable(
    {
      head: ['WHEN', 'TARGET', 'OUTCOME', 'BACK AFTER', 'LOST', 'WHAT'],
      rows: drills.map((drill) => [
        formatSecond(drill.at, reader),
        drill.target,
        paintOutcome(drill.outcome, sheet),
        duration(drill.recoveryMs),
        drill.lossMs === null ? '-' : duration(drill.lossMs),
        reasonOf(drill),
      ]),
      right: [3, 4],
    },
    sheet,
  );

export const paintOutcome = (outcome: DrillOutcome, { style }: Pick<Terminal, 'style'>): string =>
  outcome === 'passed' ? style.green(outcome) : outcome === 'failed' ? style.red(outcome) : style.yellow(outcome);

/** What a reader wants of one that did not pass, or which stores it was about. */
const reasonOf = ({ stores, check }: Drill): string => {
  const bad = stores.find(({ outcome }) => outcome !== 'passed');
  if (bad !== undefined) return `${bad.store}: ${bad.evidence}`;
  if (check !== null && !check.ok) return `check: ${lastLines(check.output).at(-1) ?? 'no output'}`;
  return stores.map(({ store }) => store).join(', ');
};

const MARK: Readonly<Record<DrillOutcome, (style: Terminal['style']) => string>> = {
  passed: (style) => style.green('✓'),
  failed: (style) => style.red('✗'),
  inconclusive: (style) => style.yellow('?'),
};

const verdict = ({ outcome, target, recoveryMs, lossMs }: Drill, style: Terminal['style']): string => {
  if (outcome === 'failed') return `${style.red('The backup is not good:')} do not rely on ${target} until a drill passes`;
  if (outcome === 'inconclusive') return `${style.yellow('Nothing is proven:')} the drill could not be carried through`;
  const without = lossMs === null ? 'how much would be lost is not known' : `without the last ${duration(lossMs)}`;
  return `${style.green('The backup holds:')} ${target} would have it back after ${duration(recoveryMs)}, ${without}`;
};

const OUTPUT_LINES = 10;
const lastLines = (output: string): string[] => output.trimEnd().split('\n').filter(Boolean).slice(-OUTPUT_LINES);
