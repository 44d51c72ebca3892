import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessIdentity, SystemUser } from '@berth/host';
import { endProcess, findDetached, startDetached } from '../detached-process.ts';
import type { EdgeFiles } from '../edge-files.ts';
import { didNotStart } from '../errors.ts';
import { asUser } from '../haproxy/process.ts';
import { renderFilesConfiguration } from './configuration.ts';

/** The nginx that serves static files, behind HAProxy and over a unix socket. */
export type FilesProcess = {
  find(): ProcessIdentity | null;
  answers(): Promise<boolean>;
  /** Starts it, or adopts one that runs with the same configuration. */
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
};

const START_MS = 5_000;
/** Two are enough for what HAProxy can ask; more only cost memory. */
const WORKERS = Math.min(2, availableParallelism());

export const createFilesProcess = (deps: {
  files: EdgeFiles;
  binary: string;
  env: Readonly<Record<string, string>>;
  user: SystemUser | null;
  openFiles: number;
}): FilesProcess => {
  const { files } = deps;
  const pidFile = files.path('nginx.pid');
  const logFile = files.path('nginx.log');
  const find = () => findDetached(pidFile);
  const answers = async () => find() !== null && (await accepts(files.path('run/nginx.sock')));

  const stop = async (): Promise<void> => {
    const identity = find();
    if (identity !== null)
      await endProcess(identity, [
        { signal: 'SIGQUIT', withinMs: 3_000 },
        { signal: 'SIGTERM', withinMs: 2_000 },
      ]);
  };

  return {
    find,
    answers,
    stop,
    async start(signal) {
      const configuration = renderFilesConfiguration({ workers: WORKERS });
      if ((await files.read('nginx.conf')) === configuration && (await answers())) return;
      await stop();
      await files.write('nginx.conf', configuration, 'edge');
      // Left by one that was killed: nginx would find the address in use.
      await files.remove('run/nginx.sock');
      const identity = await startDetached({
        argv: [...asUser(deps.user), deps.binary, '-p', `${files.directory}/`, '-c', 'nginx.conf', '-e', 'stderr'],
        cwd: files.directory,
        env: deps.env,
        pidFile,
        stdout: logFile,
        stderr: logFile,
        openFiles: deps.openFiles,
      });
      const giveUpAt = performance.now() + START_MS;
      while (performance.now() < giveUpAt && find() !== null) {
        if (await answers()) return;
        await sleep(20, undefined, { signal });
      }
      await endProcess(identity, [{ signal: 'SIGTERM', withinMs: 1_000 }]);
      throw didNotStart('nginx', await lastLines(logFile));
    },
  };
};

const accepts = (socketPath: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(socketPath, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

const lastLines = async (file: string): Promise<string> => {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const buffer = Buffer.alloc(Math.min(size, 2_000));
  await handle.read(buffer, 0, buffer.length, size - buffer.length);
  return buffer.toString('utf8').trim().split('\n').slice(-5).join('; ');
};
