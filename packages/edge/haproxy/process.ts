import { open, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants, exec, type ProcessIdentity, type SystemUser } from '@berth/host';
import { endProcess, findDetached, signalProcess, startDetached } from '../detached-process.ts';
import type { EdgeFiles } from '../edge-files.ts';
import { binaryUnusable, configurationRefused, didNotStart, haproxyTooOld, reloadFailed } from '../errors.ts';
import { parseInfo, parseProcesses } from './observed.ts';
import { createRuntimeApi, type RuntimeApi } from './runtime-api.ts';

/** HAProxy as a process: its master outlives us and forks a worker per configuration. */
export type HaproxyProcess = {
  readonly admin: RuntimeApi;
  readonly master: RuntimeApi;
  readonly adminSocket: string;
  /** Throws EDGE_HAPROXY_TOO_OLD. */
  checkVersion(): Promise<void>;
  /** Throws EDGE_CONFIGURATION_REFUSED with HAProxy's words about what is in `next/`. */
  check(): Promise<void>;
  find(): ProcessIdentity | null;
  /** Is a master alive, and does a worker answer? */
  answers(): Promise<boolean>;
  /** Starts it with what is in `live/`; resolves when a worker answers. */
  start(signal: AbortSignal): Promise<void>;
  /** Takes what is in `live/`; resolves when the new worker answers. */
  reload(): Promise<void>;
  stop(options: { withinMs: number }): Promise<void>;
};

const MINIMUM = [2, 6] as const;
/** Loading takes 50 ms for a few apps and about a second for a thousand. */
const START_MS = 15_000;
const LOOK_MS = 20;

export const createHaproxyProcess = (deps: {
  files: EdgeFiles;
  binary: string;
  env: Readonly<Record<string, string>>;
  user: SystemUser | null;
  openFiles: number;
}): HaproxyProcess => {
  const { files, binary, env, user } = deps;
  const pidFile = files.path('haproxy.pid');
  const logFile = files.path('haproxy.log');
  const adminSocket = files.path('run/admin.sock');
  const admin = createRuntimeApi(adminSocket);
  const master = createRuntimeApi(files.path('run/master.sock'));

  const run = (args: readonly string[]) =>
    exec([...asUser(user), binary, ...args], { env, cwd: files.directory, timeoutMs: 60_000 });
  const find = () => findDetached(pidFile);

  const currentWorker = async (): Promise<number | null> => {
    const worker = parseProcesses(await master.ask('show proc')).find(({ old }) => !old);
    if (worker === undefined) return null;
    const info = parseInfo(await admin.ask('show info'));
    return Number(info.Pid) === worker.pid ? worker.pid : null;
  };

  /** undefined: nobody answers, as in the moments of a start or of a reload. */
  const lookForWorker = (): Promise<number | null | undefined> => currentWorker().catch(() => undefined);

  return {
    admin,
    master,
    adminSocket,
    find,
    async checkVersion() {
      const { exitCode, stdout, stderr } = await run(['-v']).catch((cause) => {
        throw binaryUnusable(binary, cause);
      });
      const [, version = '', major = 0, minor = 0] = stdout.match(/version ((\d+)\.(\d+)\S*)/) ?? [];
      if (exitCode !== 0 || version === '')
        throw binaryUnusable(binary, new Error(stderr.trim() || `it ended with code ${exitCode}`));
      const older = Number(major) < MINIMUM[0] || (Number(major) === MINIMUM[0] && Number(minor) < MINIMUM[1]);
      if (older) throw haproxyTooOld(binary, version);
    },
    async check() {
      const { exitCode, stdout, stderr } = await run(['-c', '-C', files.path('next'), '-f', 'haproxy.cfg']);
      if (exitCode !== 0) throw configurationRefused(alertsOf(`${stderr}\n${stdout}`), files.path('next/haproxy.cfg'));
    },
    async answers() {
      return find() !== null && typeof (await lookForWorker()) === 'number';
    },
    async start(signal) {
      const from = await sizeOf(logFile);
      const identity = await startDetached({
        argv: [
          ...asUser(user),
          binary,
          '-W',
          '-S',
          `unix@${files.path('run/master.sock')},mode,600`,
          '-C',
          files.path('live'),
          '-f',
          'haproxy.cfg',
        ],
        cwd: files.directory,
        env,
        pidFile,
        stdout: files.path('access.log'),
        stderr: logFile,
        openFiles: deps.openFiles,
      });
      const giveUpAt = performance.now() + START_MS;
      while (performance.now() < giveUpAt) {
        if (typeof (await lookForWorker()) === 'number') return;
        if (find() === null) break;
        await sleep(LOOK_MS, undefined, { signal });
      }
      await endProcess(identity, [{ signal: 'SIGTERM', withinMs: 1_000 }]);
      throw didNotStart('haproxy', alertsOf(await readFrom(logFile, from)));
    },
    async reload() {
      const from = await sizeOf(logFile);
      const before = new Set(parseProcesses(await master.ask('show proc')).map(({ pid }) => pid));
      await master.ask('reload');
      const giveUpAt = performance.now() + START_MS;
      while (performance.now() < giveUpAt) {
        const worker = await lookForWorker();
        if (typeof worker === 'number' && !before.has(worker)) return;
        // The master says at once when it could not load: waiting for the deadline would only cost time.
        if (worker !== undefined && /^\[ALERT\].* : config : /m.test(await readFrom(logFile, from))) break;
        await sleep(LOOK_MS);
      }
      throw reloadFailed(alertsOf(await readFrom(logFile, from)));
    },
    async stop({ withinMs }) {
      const identity = find();
      if (identity === null) return;
      if (withinMs === 0) {
        const left = descendants(identity.pid);
        await endProcess(identity, [{ signal: 'SIGTERM', withinMs: 2_000 }]);
        for (const { pid } of left) await waitGone(pid);
        return;
      }
      const workers = await master.ask('show proc').then(parseProcesses, () => []);
      // SIGUSR1: no new connections, requests finish, idle ones are closed.
      signalProcess(identity, 'SIGUSR1');
      await endProcess(identity, [
        { signal: 'SIGUSR1', withinMs },
        { signal: 'SIGTERM', withinMs: 2_000 },
      ]);
      for (const { pid } of workers) await waitGone(pid);
    },
  };
};

/** Low ports without root, after a reload too: the capability has to be ambient, since HAProxy starts itself again. */
export const asUser = (user: SystemUser | null): readonly string[] =>
  user === null
    ? []
    : [
        'setpriv',
        `--reuid=${user.uid}`,
        `--regid=${user.gid}`,
        '--clear-groups',
        '--no-new-privs',
        '--inh-caps=-all,+net_bind_service',
        '--ambient-caps=-all,+net_bind_service',
        '--',
      ];

/** A worker notices the end of its master within a moment. */
const waitGone = async (pid: number): Promise<void> => {
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      process.kill(pid, 0);
    } catch {
      return; // ESRCH: gone
    }
    await sleep(LOOK_MS);
  }
};

const alertsOf = (output: string): string => {
  const lines = output.split('\n').filter((line) => line.startsWith('[ALERT]'));
  return (lines.length > 0 ? lines : output.split('\n').filter((line) => line !== ''))
    .map((line) => line.replace(/^\[ALERT\]\s+\(\d+\) : /, ''))
    .slice(0, 8)
    .join('; ');
};

const sizeOf = (file: string): Promise<number> =>
  stat(file).then(
    ({ size }) => size,
    () => 0,
  );

const readFrom = async (file: string, position: number): Promise<string> => {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(Math.min(Math.max(0, size - position), 64 * 1024));
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
  return buffer.toString('utf8', 0, bytesRead);
};
