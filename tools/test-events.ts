/**
 * The reporter inside a test file's process: one JSON line for each test that ended, read by test-file.ts.
 * A default export, because that is what Node's --test-reporter loads.
 */
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

export type TestEnd = {
  name: string;
  nesting: number;
  kind: 'test' | 'suite';
  outcome: 'passed' | 'failed' | 'skipped';
  ms: number;
  /** Why it was skipped. */
  reason: string;
  line: number | undefined;
  /** The error with its stack, for the reader. */
  error: string;
  /** Failed only because something below it failed. */
  inherited: boolean;
};

/**
 * What a test said of itself (a seed, a figure), and what the runner says that belongs to no test: errors thrown after
 * their test had ended, for the most part.
 */
export type TestNote = { note: string };

/** The last line: without it the process ended before its tests did. */
export const FINISHED = '"finished"';

type Ended = EventData.TestPass | EventData.TestFail;

const describeEnd = (ended: Ended, passed: boolean): TestEnd => {
  const details = ended.details as { duration_ms: number; type?: string; error?: Error & { failureType?: string } };
  const skip = ended.skip ?? ended.todo;
  return {
    name: ended.name,
    nesting: ended.nesting,
    kind: details.type === 'suite' ? 'suite' : 'test',
    outcome: skip !== undefined && skip !== false ? 'skipped' : passed ? 'passed' : 'failed',
    ms: details.duration_ms,
    reason: typeof skip === 'string' ? skip : '',
    line: ended.line,
    error: passed ? '' : describeError(details.error?.cause ?? details.error),
    inherited: details.error?.failureType === 'subtestsFailed',
  };
};

/** Message and our own frames: the test runner's frames are the same under every failure. */
const describeError = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown);
  const stack = (thrown.stack ?? String(thrown)).replaceAll(/\n\s+at [^\n]*\(?node:[^\n]*/g, '');
  const { code, hint, fields } = thrown as { code?: unknown; hint?: unknown; fields?: unknown };
  const ours = hint === undefined ? '' : `\n${inspect({ code, hint, fields })}`;
  return stack + ours + (thrown.cause === undefined ? '' : `\ncaused by ${describeError(thrown.cause)}`);
};

/** The runner's own count, which countedResults makes for itself. */
const SUM = /^(?:tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/;

export default async function* testEvents(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of source) {
    if (event.type === 'test:pass') yield `${JSON.stringify(describeEnd(event.data, true))}\n`;
    if (event.type === 'test:fail') yield `${JSON.stringify(describeEnd(event.data, false))}\n`;
    if (event.type === 'test:diagnostic' && !SUM.test(event.data.message))
      yield `${JSON.stringify({ note: event.data.message } satisfies TestNote)}\n`;
  }
  yield `${FINISHED}\n`;
}
