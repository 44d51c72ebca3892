/**
 * What Berth itself takes: memory of its own processes, idle with five apps that have no data and then with five that have
 * a database each, and the time that a deploy adds to the app's own start. `node bench/footprint/main.ts [--dose small]`
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { KeepAliveClient } from '../load/connection.ts';
import { describeMachine } from '../machine.ts';
import { freePorts } from '../ports.ts';
import { answers, Program } from '../program.ts';
import { Platform, type Receipt } from '../platform.ts';
import { reportResults, median, renderTable } from '../results.ts';
import { measureMemory, ownBytes, renderMemory, type Share } from './own-memory.ts';

type Timing = { readonly untilAnswerMs: number; readonly receiptMs: number; readonly steps: Receipt['steps'] };

const HELLO = join(import.meta.dirname, '../../examples/hello');
const WITH_DATA = join(import.meta.dirname, 'app-with-data');
const APPS = 5;

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' } } });
const { deploys, settleMs } = values.dose === 'small' ? { deploys: 2, settleMs: 5_000 } : { deploys: 7, settleMs: 30_000 };

const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-footprint-'));
try {
  const withData = await idleWithData();
  const directories = appDirectories(HELLO, 'hello');
  await using platform = await Platform.start(directories);
  await sleep(settleMs); // memory of the deploys is given back in the meantime: idle is what is asked for
  const withoutData = await measureMemory(platform);
  const timings: Timing[] = [];
  for (let number = 1; number <= deploys; number += 1)
    timings.push(await timeDeploy(platform, directories[0] ?? '', 'hello-1', `release ${number}`));
  const rollbacks: Timing[] = [];
  for (let number = 1; number <= deploys; number += 1) {
    // Back and forth between the last two texts.
    const text = number % 2 === 1 ? `release ${deploys - 1}` : `release ${deploys}`;
    rollbacks.push(
      await timeUntil(
        platform,
        'hello-1',
        text,
        () => platform.berth(['rollback', 'hello-1', '--to', String(releaseOf(text))]) as Promise<Receipt>,
      ),
    );
  }
  const startsMs: number[] = [];
  for (let number = 1; number <= deploys; number += 1) startsMs.push(await timeStartByHand(directories[0] ?? ''));
  report(withoutData, withData, timings, rollbacks, startsMs);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The first deploy, by `up`, is release 1. */
function releaseOf(text: string): number {
  return Number(text.split(' ')[1]) + 1;
}

/** Copies of an app in the scratch directory, each under a name of its own. */
function appDirectories(of: string, name: string): string[] {
  return Array.from({ length: APPS }, (_, index) => {
    const app = `${name}-${index + 1}`;
    const directory = join(scratch, app);
    cpSync(of, directory, { recursive: true });
    const manifest = readFileSync(join(of, 'berth.yaml'), 'utf8');
    writeFileSync(join(directory, 'berth.yaml'), manifest.replace('app: hello', `app: ${app}`));
    return directory;
  });
}

/** Every app has a database of its own, which is followed to the target that every platform has. */
async function idleWithData(): Promise<Share[]> {
  await using platform = await Platform.start(appDirectories(WITH_DATA, 'visits'));
  await sleep(settleMs);
  return await measureMemory(platform);
}

async function timeDeploy(platform: Platform, directory: string, app: string, text: string): Promise<Timing> {
  const source = readFileSync(join(directory, 'server.js'), 'utf8');
  writeFileSync(join(directory, 'server.js'), source.replace(/response\.end\('[^']*'\)/, `response.end('${text}')`));
  return await timeUntil(platform, app, text, () => platform.deploy(directory));
}

/** From the start of the command to the first answer with `text` in it, asked for every few milliseconds meanwhile. */
async function timeUntil(platform: Platform, app: string, text: string, command: () => Promise<Receipt>): Promise<Timing> {
  const client = new KeepAliveClient(platform.endpoint(app));
  const startedMs = performance.now();
  const done = command();
  // Looked at below; until then a failure is not unhandled.
  done.catch(() => undefined);
  let untilAnswerMs: number | null = null;
  const deadline = startedMs + 60_000;
  while (untilAnswerMs === null) {
    const answer = await client.send(`GET / HTTP/1.1\r\nHost: ${app}.localhost:${platform.httpsPort}\r\n\r\n`, 30_000);
    if (answer.body.toString().trim() === text) untilAnswerMs = performance.now() - startedMs;
    else if (performance.now() > deadline) throw new Error(`"${text}" was never answered`);
    else await sleep(4);
  }
  client.close();
  const receipt = await done;
  return { untilAnswerMs, receiptMs: receipt.ms, steps: receipt.steps };
}

async function timeStartByHand(directory: string): Promise<number> {
  const [port = 0] = await freePorts(1);
  const startedMs = performance.now();
  await using program = new Program([process.execPath, 'server.js'], {
    cwd: directory,
    env: { PORT: String(port) },
    logFile: join(scratch, 'by-hand.log'),
  });
  await program.until(() => answers(port), { everyMs: 4 });
  return performance.now() - startedMs;
}

function report(
  withoutData: readonly Share[],
  withData: readonly Share[],
  timings: readonly Timing[],
  rollbacks: readonly Timing[],
  startsMs: readonly number[],
): void {
  const startMs = median(startsMs);
  const row = (name: string, of: readonly Timing[]): (string | number)[] => {
    const answerMs = median(of.map(({ untilAnswerMs }) => untilAnswerMs));
    return [name, Math.round(answerMs), Math.round(answerMs - startMs), (answerMs / startMs).toFixed(1)];
  };
  const steps = (timings.at(-1)?.steps ?? []).map(({ name, ms }) => [name, ms ?? '-']);
  reportResults('footprint', {
    title: 'What Berth takes',
    machine: describeMachine(['haproxy', 'nginx']),
    sections: [
      `Memory with ${APPS} apps, idle for ${settleMs / 1000} s, as proportional set size (pages shared between processes are shared out); first the apps have no data, then a SQLite database each, which is protected:\n\n${renderMemory(withoutData, withData)}`,
      `From the command to the first answer of the new release, medians of ${deploys}; the app's own start, done by hand, takes ${Math.round(startMs)} ms:\n\n${renderTable(['', 'ms', 'without the start, ms', 'ratio to the bare start'], [row('berth deploy, one line changed', timings), row('berth rollback', rollbacks)])}`,
      `Steps of the last deploy:\n\n${renderTable(['step', 'ms'], steps)}`,
    ],
    keep: values.dose === 'full',
    data: {
      memory: { withoutData, withData },
      totalBytes: { withoutData: ownBytes(withoutData), withData: ownBytes(withData) },
      startsMs,
      timings,
      rollbacks,
    },
  });
}
