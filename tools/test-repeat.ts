/** Tests share a machine with others and meet its bad moments: a second look tells those from a fault. */
import { type FileResult, type TestResult, totalsOf } from './test-result.ts';

/** With more than this the fault is not a moment's: nothing is run again. */
const FILES_AT_MOST = 3;

export type Repeated = {
  /** With the second result of every file that ran again. */
  readonly files: readonly FileResult[];
  /** What failed at first and not again. Each is a finding: the machine had a bad moment, or a bug shows now and then. */
  readonly unsteady: readonly TestResult[];
};

/** Runs the files that failed once more, one after the other with nothing beside them. */
export const repeatFailed = async (
  files: readonly FileResult[],
  runAgain: (file: string) => Promise<FileResult>,
): Promise<Repeated> => {
  const failed = files.filter((file) => hasFailed(file));
  if (failed.length === 0 || failed.length > FILES_AT_MOST) return { files, unsteady: [] };
  const second = new Map<string, FileResult>();
  for (const { file } of failed) second.set(file, await runAgain(file));
  const passedAgain = failed.filter(({ file }) => !hasFailed(second.get(file) as FileResult));
  return {
    files: files.map((first) => second.get(first.file) ?? first),
    unsteady: passedAgain.flatMap(({ results }) => results.filter(({ outcome }) => outcome === 'failed')),
  };
};

const hasFailed = ({ results }: FileResult): boolean => totalsOf(results).failed > 0;
