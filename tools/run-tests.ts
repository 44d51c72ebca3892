/**
 * npm test and its parts: `node tools/run-tests.ts PHASE… [FILE…]`, where PHASE is check, unit, real or e2e, and files
 * narrow the phases down. The last line of output is always the sum over everything that ran.
 */
import path from 'node:path';
import { checksOf, runCheck } from './checks.ts';
import { type Job, runJobs } from './test-jobs.ts';
import { laneOf, PHASES, type Phase, testFilesOf } from './test-phases.ts';
import { renderFile, renderReport } from './test-report.ts';
import { runTestFile } from './test-file.ts';
import { type TestResult, totalsOf } from './test-result.ts';

const root = path.resolve(import.meta.dirname, '..');

const main = async (args: readonly string[]): Promise<void> => {
  const isPhase = (word: string): boolean => PHASES.some((phase) => phase.name === word);
  const wantedFiles = args.filter((word) => !isPhase(word)).map((file) => path.relative(root, path.resolve(file)));
  const wantedPhases = args.some(isPhase) ? PHASES.filter((phase) => args.includes(phase.name)) : PHASES;

  const results: TestResult[] = [];
  for (const phase of wantedPhases) results.push(...(await runPhase(phase, wantedFiles)));

  console.log(renderReport(results));
  const { passed, failed, skipped } = totalsOf(results);
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
};

const runPhase = async (phase: Phase, wantedFiles: readonly string[]): Promise<TestResult[]> => {
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
  const results: TestResult[] = [];
  await runJobs(jobs, phase.atOnce, (done) => {
    results.push(...done.results);
    console.log(renderFile(done));
  });
  return results;
};

await main(process.argv.slice(2));
