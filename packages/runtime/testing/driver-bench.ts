import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Process, isSame, readProcess } from '@berth/host';
import { temporaryDirectory } from '@berth/testing';
import type { InstanceSpec, InstanceStatus, RuntimeDriver } from '../driver.ts';

/** Where a driver keeps what it knows, and the point at which its process is to end itself, if any. */
export type DriverPlace = { readonly directory: string; readonly fault: string | undefined };
export type OpenDriver = (place: DriverPlace) => Promise<RuntimeDriver>;

type SpecChanges = Partial<Omit<InstanceSpec, 'limits'>> & {
  readonly argv: readonly string[];
  readonly limits?: Partial<InstanceSpec['limits']>;
};

/** A driver in a directory of its own; what it runs is ended with it. */
export type Bench = AsyncDisposable & {
  readonly driver: RuntimeDriver;
  /** The working directory of the programs. */
  readonly directory: string;
  readonly logFile: string;
  log(): string;
  spec(changes: SpecChanges): InstanceSpec;
  /** Opens the driver in another process and starts the instance there; resolves with the signal that ended that process. */
  elsewhere(spec: InstanceSpec, fault?: string): Promise<string | null>;
};

export const openBench = async (opener: URL): Promise<Bench> => {
  const { openDriver } = (await import(opener.href)) as { openDriver: OpenDriver };
  const temporary = await temporaryDirectory();
  const directory = temporary.path;
  const records = temporary.join('records');
  mkdirSync(records, { mode: 0o700 });
  const logFile = temporary.join('log');
  const driver = await openDriver({ directory: records, fault: undefined });
  return {
    driver,
    directory,
    logFile,
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    spec: ({ limits, ...changes }) => ({
      id: 'one',
      cwd: directory,
      env: { PATH: process.env.PATH ?? '' },
      user: null,
      limits: { memoryBytes: null, cpu: null, files: 1_024, ...limits },
      logFile,
      priority: 'normal',
      kind: 'instance',
      app: null,
      service: null,
      writable: [],
      secretFiles: {},
      shared: false,
      stop: { signal: 'SIGTERM', withinMs: 20_000 },
      ...changes,
    }),
    async elsewhere(spec, fault) {
      const starter = fileURLToPath(new URL('driver-starter.ts', import.meta.url));
      const child = spawn(process.execPath, [starter, opener.href, records, fault ?? ''], {
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      child.stdin.end(JSON.stringify(spec));
      const [code, signal] = await once(child, 'exit');
      if (signal === null) assert.equal(code, 0);
      return signal;
    },
    async [Symbol.asyncDispose]() {
      for (const id of await driver.list()) {
        await driver.stop(id, quickly);
        await driver.forget(id);
      }
      await driver.close();
      await temporary[Symbol.asyncDispose]();
    },
  };
};

export const never = new AbortController().signal;
export const quickly = { stopSignal: 'SIGTERM', withinMs: 100 } as const;

export const ended = (exitCode: number): InstanceStatus => ({ state: 'exited', exitCode, signal: null, outOfMemory: false });

export const running = (status: InstanceStatus): Extract<InstanceStatus, { state: 'running' }> => {
  if (status.state !== 'running') throw new assert.AssertionError({ message: `it is ${JSON.stringify(status)}, not running` });
  return status;
};

export const nameOf = (pid: number): string | undefined => readProcess(pid)?.name;
export const alive = ({ pid, startTime }: Process): boolean => isSame(pid, startTime);

/** A program that says its pid and sleeps. */
export const NAP = "/bin/sh -c 'echo pid $$; exec sleep 60'";

/** Those of the programs that said their pid and sleep still. */
export const napping = (log: () => string): readonly Process[] =>
  [...log().matchAll(/^pid (\d+)$/gm)]
    .map(([, pid]) => readProcess(Number(pid)))
    .filter((found) => found !== null)
    .filter((found) => found.name === 'sleep' && alive(found));
