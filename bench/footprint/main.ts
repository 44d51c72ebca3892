/**
 * What Berth itself takes: memory of its own processes, idle with five apps, and the time that a deploy adds to the
 * app's own start. `node bench/footprint/main.ts [--dose small]`
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
import { commandOf, Platform, type Receipt, type Status } from '../platform.ts';
import { processTree, pssBytes } from '../process-tree.ts';
import { reportResults, median, renderTable } from '../results.ts';

type Share = { readonly part: string; readonly processes: number; readonly bytes: number };
type Timing = { readonly untilAnswerMs: number; readonly receiptMs: number; readonly steps: Receipt['steps'] };

const HELLO = join(import.meta.dirname, '../../examples/hello');
const APPS = 5;
const MB = 1_000_000;

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' } } });
const { deploys, settleMs } = values.dose === 'small' ? { deploys: 2, settleMs: 5_000 } : { deploys: 7, settleMs: 30_000 };

const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-footprint-'));
try {
  const directories = Array.from({ length: APPS }, (_, index) => helloDirectory(`hello-${index + 1}`));
  await using platform = await Platform.start(directories);
  await sleep(settleMs); // memory of the deploys is given back in the meantime: idle is what is asked for
  const shares = ownMemory(platform, await platform.status());
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
  report(shares, timings, rollbacks, startsMs);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/** The first deploy, by `up`, is release 1. */
function releaseOf(text: string): number {
  return Number(text.split(' ')[1]) + 1;
}

function helloDirectory(app: string): string {
  const directory = join(scratch, app);
  cpSync(HELLO, directory, { recursive: true });
  writeFileSync(
    join(directory, 'berth.yaml'),
    readFileSync(join(HELLO, 'berth.yaml'), 'utf8').replace('app: hello', `app: ${app}`),
  );
  return directory;
}

/** Everything of the platform that is not an app: the daemon, the edge, and the shims that the instances run under. */
function ownMemory(platform: Platform, status: Status): Share[] {
  const instances = new Set(
    status.apps.flatMap(({ services }) => services.flatMap((service) => service.instances.flatMap(({ pid }) => pid ?? []))),
  );
  const edge = new Map(
    status.edge.processes.flatMap(({ name, pid }) => processTree([pid]).map((process) => [process.pid, name] as const)),
  );
  const ofApps = new Set(processTree([...instances]).map(({ pid }) => pid));
  const shares = new Map<string, { processes: number; bytes: number }>();
  for (const pid of platform.processes()) {
    const part = partOf(pid);
    const share = shares.get(part) ?? { processes: 0, bytes: 0 };
    shares.set(part, { processes: share.processes + 1, bytes: share.bytes + pssBytes(pid) });
  }
  return [...shares].map(([part, share]) => ({ part, ...share }));

  function partOf(pid: number): string {
    if (pid === status.daemon.pid) return 'berthd';
    const name = edge.get(pid);
    if (name !== undefined) return `edge: ${name}`;
    if (ofApps.has(pid)) return 'apps (not counted)';
    return /\bsh\b/.test(commandOf(pid).split(' ')[0] ?? '') ? 'shims of instances' : `other: ${commandOf(pid).slice(0, 60)}`;
  }
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
  shares: readonly Share[],
  timings: readonly Timing[],
  rollbacks: readonly Timing[],
  startsMs: readonly number[],
): void {
  const own = shares.filter(({ part }) => !part.startsWith('apps'));
  const total = own.reduce((sum, { bytes }) => sum + bytes, 0);
  const megabytes = (bytes: number): string => (bytes / MB).toFixed(1);
  const memory = [
    ...own.toSorted((a, b) => b.bytes - a.bytes).map(({ part, processes, bytes }) => [part, processes, megabytes(bytes)]),
    ['all of Berth', own.reduce((sum, { processes }) => sum + processes, 0), megabytes(total)],
  ];
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
      `Memory with ${APPS} apps, idle for ${settleMs / 1000} s, as proportional set size (pages shared between processes are shared out):\n\n${renderTable(['part', 'processes', 'MB'], memory)}`,
      `From the command to the first answer of the new release, medians of ${deploys}; the app's own start, done by hand, takes ${Math.round(startMs)} ms:\n\n${renderTable(['', 'ms', 'without the start, ms', 'ratio to the bare start'], [row('berth deploy, one line changed', timings), row('berth rollback', rollbacks)])}`,
      `Steps of the last deploy:\n\n${renderTable(['step', 'ms'], steps)}`,
    ],
    keep: values.dose === 'full',
    data: { shares, totalBytes: total, startsMs, timings, rollbacks },
  });
}
