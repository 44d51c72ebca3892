import type { TestEnd } from './test-events.ts';

/** One test that counts: a leaf of a file's tree of tests, or one check of the tree (types, lint, …). */
export type TestResult = {
  file: string;
  line: number | undefined;
  name: string;
  outcome: 'passed' | 'failed' | 'skipped';
  ms: number;
  /** Why it failed or was skipped, for the reader. */
  detail: string;
};

export type FileResult = {
  file: string;
  ms: number;
  results: TestResult[];
  /** What its tests said of themselves. */
  notes: readonly string[];
  /** What its process printed. */
  output: string;
};

/**
 * The leaves among a file's finished tests, which are reported children first. A suite or a test with subtests does
 * not count by itself, unless it failed for a reason of its own (a hook, an assertion between its subtests).
 */
export const countedResults = (file: string, ends: readonly TestEnd[]): TestResult[] => {
  const results: TestResult[] = [];
  for (const [index, end] of ends.entries()) {
    const isParent = index > 0 && (ends[index - 1]?.nesting ?? 0) > end.nesting;
    const isEmptySuite = end.kind === 'suite' && end.outcome === 'passed';
    const failedByItself = end.outcome === 'failed' && !end.inherited;
    if (isParent || isEmptySuite ? failedByItself : !end.inherited) results.push(resultOf(file, end));
  }
  return results;
};

const resultOf = (file: string, end: TestEnd): TestResult => {
  const base = { file, line: end.line, name: end.name, ms: end.ms };
  if (end.outcome !== 'skipped') return { ...base, outcome: end.outcome, detail: end.error };
  if (end.reason !== '') return { ...base, outcome: 'skipped', detail: end.reason };
  // A skip that nobody explains is a test that nobody misses.
  return { ...base, outcome: 'failed', detail: 'skipped without a reason: give one, as in { skip: "why" }' };
};

export type Totals = { passed: number; failed: number; skipped: number };

export const totalsOf = (results: readonly TestResult[]): Totals => {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const { outcome } of results) totals[outcome] += 1;
  return totals;
};
