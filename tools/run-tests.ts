/**
 * npm test and its parts: `node tools/run-tests.ts [--repeat-failed] PHASE… [FILE…]`, where PHASE is check, unit, real or
 * e2e, and files narrow the phases down. With --repeat-failed a test file that fails runs once more, alone (up to three
 * of each phase), and what passes only then is listed. The last line of output is always the sum over everything that ran.
 */
import path from 'node:path';
import { checksOf, runCheck } from './checks.ts';
import { type Job, runJobs } from './test-jobs.ts';
import { laneOf, PHASES, type Phase, testFilesOf } from './test-phases.ts';
import { type Repeated, repeatFailed } from './test-repeat.ts';
import { renderFile, renderReport } from './test-report.ts';
import { runTestFile } from './test-file.ts';
import { type FileResult, totalsOf } from './test-result.ts';

const root = path.resolve(import.meta.dirname, '..');

const REPEAT_FAILED = '--repeat-failed';

const main = async (words: readonly string[]): Promise<void> => {
  const args = words.filter((word) => word !== REPEAT_FAILED);
  const isPhase = (word: string): boolean => PHASES.some((phase) => phase.name === word);
  const wantedFiles = args.filter((word) => !isPhase(word)).map((file) => path.relative(root, path.resolve(file)));
  const wantedPhases = args.some(isPhase) ? PHASES.filter((phase) => args.includes(phase.name)) : PHASES;

  const phases: Repeated[] = [];
  for (const phase of wantedPhases) {
    const files = await runPhase(phase, wantedFiles);
    const mayRepeat = words.includes(REPEAT_FAILED) && phase.mayRepeat;
    phases.push(mayRepeat ? await repeatFailed(files, (file) => runAgain(phase, file)) : { files, unsteady: [] });
  }

  const results = phases.flatMap(({ files }) => files.flatMap((file) => file.results));
  const unsteady = phases.flatMap((phase) => phase.unsteady);
  console.log(renderReport(results, unsteady));
  const { passed, failed, skipped } = totalsOf(results);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

const runPhase = async (phase: Phase, wantedFiles: readonly string[]): Promise<readonly FileResult[]> => {
  const narrowed = wantedFiles.length > 0;
  const files = testFilesOf(phase, root).filter((file) => !narrowed || wantedFiles.includes(file));
  const checks = phase.name === 'check' && !narrowed ? checksOf(root) : [];
  if (files.length + checks.length === 0) return [];

  console.log(`\n${phase.name}`);
  const jobs: Job[] = [
    ...checks.map((check) => ({
      lane: check.name,
      run: async () => {
        const result = await runCheck(root, check);
        return { file: check.name, ms: result.ms, results: [result], notes: [], output: '' };
      },
    })),
    ...files.map((file) => ({
      lane: laneOf(file),
      run: () => runTestFile(root, file, { timeoutMs: phase.fileTimeoutMs }),
    })),
  ];
  const results: FileResult[] = [];
  await runJobs(jobs, phase.atOnce, (done) => {
    results.push(done);
    console.log(renderFile(done));
  });
  return results;
};

const runAgain = async (phase: Phase, file: string): Promise<FileResult> => {
  const result = await runTestFile(root, file, { timeoutMs: phase.fileTimeoutMs });
  console.log(`again, alone: ${renderFile(result)}`);
  return result;
};

await main(process.argv.slice(2));
