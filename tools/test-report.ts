import { type FileResult, type TestResult, totalsOf } from './test-result.ts';

const SLOWEST_SHOWN = 10;
const SLOW_MS = 1_000;
const OUTPUT_LINES_SHOWN = 40;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const indented = (text: string): string => text.replace(/^(?=.)/gm, '    ');
const place = (result: TestResult): string => (result.line === undefined ? result.file : `${result.file}:${result.line}`);

/** The line printed when a file is done; if something in it failed, with why, so that a log that is cut off says it too. */
export const renderFile = ({ file, ms, results, notes, output }: FileResult): string => {
  const { passed, failed, skipped } = totalsOf(results);
  const counts = [`${passed} passed`, failed > 0 && `${failed} failed`, skipped > 0 && `${skipped} skipped`]
    .filter(Boolean)
    .join(', ');
  const line = `${failed > 0 ? 'FAIL' : 'ok  '}  ${file}  ${counts}  ${seconds(ms)}`;
  if (failed === 0) return line;
  return [
    line,
    ...failuresOf(results),
    ...lastLines('what its tests said', notes),
    ...lastLines('its output', output.split('\n')),
  ].join('\n');
};

const lastLines = (title: string, lines: readonly string[]): string[] => {
  const text = lines.join('\n').trim();
  return text === '' ? [] : [`  ${title}, the last lines:\n${indented(text.split('\n').slice(-OUTPUT_LINES_SHOWN).join('\n'))}`];
};

const failuresOf = (results: readonly TestResult[]): string[] =>
  results
    .filter(({ outcome }) => outcome === 'failed')
    .map((result) => `  ${result.name}  (${place(result)})\n${indented(result.detail.trimEnd())}`);

/**
 * What is worth reading after a run: failures last, since that is where the eye is.
 * @param unsteady what failed at first and passed when it ran again
 */
export const renderReport = (results: readonly TestResult[], unsteady: readonly TestResult[]): string => {
  const slowest = results
    .filter(({ ms }) => ms >= SLOW_MS)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, SLOWEST_SHOWN)
    .map((result) => `  ${seconds(result.ms).padStart(8)}  ${result.name}  (${place(result)})`);
  const skipped = results
    .filter(({ outcome }) => outcome === 'skipped')
    .map((result) => `  ${result.name}  (${place(result)}): ${result.detail}`);
  return [
    section('Slowest', slowest),
    section('Skipped', skipped),
    section('Failed at first, passed when run again: look for the reason', failuresOf(unsteady)),
    section('Failed', failuresOf(results)),
  ].join('');
};

const section = (title: string, lines: readonly string[]): string =>
  lines.length === 0 ? '' : `\n${title}\n${lines.join('\n')}\n`;
