/** Runs one test file in a process of its own, and sees to it that nothing of it stays behind. */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FINISHED, type TestEnd, type TestNote } from './test-events.ts';
import { countedResults, type FileResult, type TestResult } from './test-result.ts';

const REPORTER = path.join(import.meta.dirname, 'test-events.ts');
const KEPT_OUTPUT_BYTES = 64 * 1024;
const LEAVE_GRACE_MS = 3_000; // a server that was told to stop as the last act of a test may need a moment

type Limits = { timeoutMs: number; leaveGraceMs?: number };

export const runTestFile = async (
  root: string,
  file: string,
  { timeoutMs, leaveGraceMs = LEAVE_GRACE_MS }: Limits,
): Promise<FileResult> => {
  const scratch = await mkdtemp(path.join(tmpdir(), 'berth-test-'));
  const events = path.join(scratch, 'events.jsonl');
  const mark = `BERTH_TEST_PROCESS=${randomUUID()}`;
  const started = performance.now();
  try {
    const { ending, output } = await runNode(root, file, { events, mark, timeoutMs });
    const { ends, notes, finished } = parseEvents(await readFile(events, 'utf8').catch(() => ''));
    const results = countedResults(file, ends);
    const ms = performance.now() - started;
    const fileFailure = (name: string, detail: string): TestResult => ({
      file,
      line: undefined,
      name,
      outcome: 'failed',
      ms,
      detail,
    });

    // Without its last line the reporter was cut off: some tests may not even have begun (a crash, a hang, process.exit).
    if (!finished) results.push(fileFailure('the file as a whole', `the test process ended before its tests did: ${ending}`));
    else if (ending !== 'exit code 0' && !results.some((result) => result.outcome === 'failed'))
      results.push(fileFailure('the file as a whole', `the test process ended with ${ending}\n${notes.join('\n')}`));
    if (results.length === 0) results.push(fileFailure('the file as a whole', 'it holds no tests'));
    const left = await endProcessesLeft(mark, leaveGraceMs);
    if (left.length > 0)
      results.push(fileFailure('leaves no process behind', `still running after the tests:\n${left.join('\n')}`));
    return { file, ms, results, notes, output };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

type Run = { events: string; mark: string; timeoutMs: number };

const runNode = async (
  root: string,
  file: string,
  { events, mark, timeoutMs }: Run,
): Promise<{ ending: string; output: string }> => {
  const [markName = '', markValue = ''] = mark.split('=');
  const child = spawn(process.execPath, [`--test-reporter=${REPORTER}`, `--test-reporter-destination=${events}`, file], {
    cwd: root,
    detached: true, // a process group of its own, so that a timeout ends all of it
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [markName]: markValue, NODE_COMPILE_CACHE: path.join(root, 'node_modules/.cache/compiled-tests') },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString()).slice(-KEPT_OUTPUT_BYTES);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);

  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, timeoutMs);
  // 'exit', not 'close': a process left behind would hold the pipes open for ever.
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  await Promise.race([once(child, 'close'), delay(200)]);
  child.stdout.destroy();
  child.stderr.destroy();
  return { ending: timedOut ? `SIGKILL after ${timeoutMs / 1000} s without an end` : (signal ?? `exit code ${code}`), output };
};

const parseEvents = (text: string): { ends: TestEnd[]; notes: string[]; finished: boolean } => {
  // The reporter may be cut off in the middle of a line when its process dies.
  const lines = text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '');
  const finished = lines.at(-1) === FINISHED;
  const events = (finished ? lines.slice(0, -1) : lines).map((line) => JSON.parse(line) as TestEnd | TestNote);
  return {
    ends: events.filter((event) => 'outcome' in event),
    notes: events.filter((event) => 'note' in event).map(({ note }) => note),
    finished,
  };
};

/** Ends what inherited the test's environment and outlived it; gives the command lines of what had to be ended. */
const endProcessesLeft = async (mark: string, graceMs: number): Promise<string[]> => {
  const deadline = performance.now() + graceMs;
  let left = await processesMarked(mark);
  while (left.size > 0 && performance.now() < deadline) {
    await delay(100);
    left = await processesMarked(mark);
  }
  for (const pid of left.keys()) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return [...left].map(([pid, command]) => `  ${pid} ${command}`);
};

const processesMarked = async (mark: string): Promise<Map<number, string>> => {
  const found = new Map<number, string>();
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry) || Number(entry) === process.pid) continue;
    // Other users' processes may not be read, and any may end while we look: neither is ours to end.
    const environment = await readFile(`/proc/${entry}/environ`, 'latin1').catch(() => '');
    if (!environment.split('\0').includes(mark)) continue;
    const command = await readFile(`/proc/${entry}/cmdline`, 'utf8').catch(() => '');
    found.set(Number(entry), command.replaceAll('\0', ' ').trim().slice(0, 200));
  }
  return found;
};
