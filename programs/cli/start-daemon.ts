/** Starts the daemon in the background, or has systemd do so, and waits until it answers, or until it says why it cannot. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorBody } from '@berth/core';
import { type HomeLayout, prepareHome } from '@berth/host';
import type { PlatformSettings } from '@berth/protocol';
import type { CliEnv } from './env.ts';
import { type DaemonUnit, findDaemonUnit } from './daemon-unit.ts';
import { daemonEnded, daemonSilent, platformNotStarted } from './errors.ts';
import type { Terminal } from './output/terminal.ts';

const DAEMON = join(import.meta.dirname, '..', 'daemon', 'main.ts');
/** A small nursery of young objects: a quarter less memory for a process that is idle most of its life. */
const NODE_FLAGS = ['--max-semi-space-size=1'];
const POLL_MS = 25;
/** Since the daemon last said something: installing system packages takes long and is reported line by line. */
const SILENCE_LIMIT_S = 180;
const LOG_LINES = 5;

type Context = {
  readonly env: CliEnv;
  readonly terminal: Terminal;
  readonly json: boolean;
  readonly settings?: Partial<PlatformSettings>;
  /** The program to start; a test starts one of its own. */
  readonly daemon?: string;
};

export const startDaemon = async (context: Context, layout: HomeLayout, isAnswering: () => Promise<boolean>): Promise<void> => {
  prepareHome(layout.home, context.env.uid);
  const directory = await mkdtemp(join(tmpdir(), 'berth-start-'));
  const report = join(directory, 'report');
  try {
    const unit = context.daemon === undefined ? findDaemonUnit(layout.home, context.env.uid) : null;
    if (unit) return await startUnit(unit, { ...context, layout, report, isAnswering });
    const child = spawnDaemon(context, layout, report);
    await waitForAnswer(child, { ...context, layout, report, isAnswering });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** What did not come up is stopped: nobody is left to see systemd try it again. */
const startUnit = async (unit: DaemonUnit, waiting: Waiting): Promise<void> => {
  const { report, settings } = waiting;
  const child = await unit.start({ BERTH_START_REPORT: report, ...(settings && { BERTH_SETTINGS: JSON.stringify(settings) }) });
  try {
    await waitForAnswer(child, { ...waiting, lastLines: unit.lastLines });
  } catch (thrown) {
    await unit.stop();
    throw thrown;
  } finally {
    await unit.forgetVariables();
  }
};

const spawnDaemon = ({ env, settings, daemon = DAEMON }: Context, layout: HomeLayout, report: string): ChildProcess => {
  const log = openSync(layout.log, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [...NODE_FLAGS, daemon], {
      cwd: '/',
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...env.variables,
        BERTH_HOME: layout.home,
        BERTH_START_REPORT: report,
        ...(settings && { BERTH_SETTINGS: JSON.stringify(settings) }),
      },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
};

type Waiting = Context & {
  readonly layout: HomeLayout;
  readonly report: string;
  readonly isAnswering: () => Promise<boolean>;
  /** Of what the daemon said last; without it, of its log file. */
  readonly lastLines?: () => Promise<string[]>;
};

const waitForAnswer = async (child: ChildProcess, waiting: Waiting): Promise<void> => {
  const { terminal, json, layout, report, isAnswering } = waiting;
  let told = 0;
  let quietSince = Date.now();
  while (!(await isAnswering())) {
    const { progress, error } = await readReport(report);
    if (progress.length > told) {
      if (!json) terminal.note(...progress.slice(told).map((line) => terminal.style.dim(`  ${line}`)));
      told = progress.length;
      quietSince = Date.now();
    }
    // Another command was faster: its daemon has the home, and is the one to wait for.
    const overtaken = error?.code === 'HOME_LOCKED';
    if (error && !overtaken) throw platformNotStarted(error, layout.log);
    // `systemctl start` ends well when the daemon has come up.
    if (hasEnded(child) && !overtaken && !(waiting.lastLines && child.exitCode === 0))
      throw daemonEnded(howEnded(child), layout.log, await (waiting.lastLines ?? (() => lastLines(layout.log)))());
    if (Date.now() - quietSince > SILENCE_LIMIT_S * 1_000) throw daemonSilent(SILENCE_LIMIT_S, layout.log);
    await delay(POLL_MS);
  }
};

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

const howEnded = ({ exitCode, signalCode }: ChildProcess): string => (signalCode ? `by ${signalCode}` : `with code ${exitCode}`);

type Report = { readonly progress: readonly string[]; readonly error: ErrorBody | null };

/** One JSON document per line, {"progress": "…"} or {"error": {…}}; a line that is still being written comes with the next look. */
const readReport = async (path: string): Promise<Report> => {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  const lines = text.split('\n').slice(0, -1).filter(Boolean);
  const items = lines.map((line) => JSON.parse(line) as { progress?: string; error?: ErrorBody });
  return {
    progress: items.flatMap((item) => item.progress ?? []),
    error: items.find((item) => item.error)?.error ?? null,
  };
};

const lastLines = async (path: string): Promise<string[]> => {
  await using file = await open(path);
  const { size } = await file.stat();
  const start = Math.max(0, size - 4_096);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
  return buffer.toString('utf8', 0, bytesRead).trimEnd().split('\n').slice(-LOG_LINES);
};
