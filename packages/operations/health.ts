import { request } from 'node:http';
import { connect } from 'node:net';
import type { Health } from '@berth/core';
import type { RunBeside } from './run-beside.ts';

export type HealthTarget = {
  readonly port: number | null;
  readonly runningForMs: number;
  /** How a command is run as the instance would; asked for only when the check is a command. */
  readonly runner: () => Promise<RunBeside>;
};

/** null when healthy, else the reason in a few words. */
export type HealthAnswer = string | null;

/** How long a program with nothing to ask must have stayed alive. */
const ALIVE_MS = 1_000;

/** Asks an instance once. Throws only what `runner` throws. */
export async function checkHealth(health: Health, target: HealthTarget): Promise<HealthAnswer> {
  const { check, timeoutMs } = health;
  switch (check.kind) {
    case 'http':
      return checkHttp(target.port ?? 0, check.path, timeoutMs);
    case 'tcp':
      return checkTcp(target.port ?? 0, timeoutMs);
    case 'command':
      return checkCommand(check.run, await target.runner(), timeoutMs);
    case 'alive':
      return target.runningForMs >= ALIVE_MS ? null : 'has only just started';
  }
}

function checkHttp(port: number, path: string, timeoutMs: number): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const headers = { 'user-agent': 'berth-health', connection: 'close' };
    const asking = request({ host: '127.0.0.1', port, path, headers, agent: false, timeout: timeoutMs }, (response) => {
      const status = response.statusCode ?? 0;
      response.resume();
      resolve(status >= 200 && status < 400 ? null : `answered ${status} to ${path}`);
    });
    asking.on('timeout', () => asking.destroy(new Error(`no answer to ${path} within ${timeoutMs} ms`)));
    asking.on('error', (error: NodeJS.ErrnoException) => resolve(connectionReason(error, port)));
    asking.end();
  });
}

function checkTcp(port: number, timeoutMs: number): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: timeoutMs });
    const answer = (reason: HealthAnswer) => {
      socket.destroy();
      resolve(reason);
    };
    socket.on('connect', () => answer(null));
    socket.on('timeout', () => answer(`no connection to port ${port} within ${timeoutMs} ms`));
    socket.on('error', (error) => answer(connectionReason(error, port)));
  });
}

const connectionReason = (error: NodeJS.ErrnoException, port: number) =>
  error.code === 'ECONNREFUSED' ? `nothing listens on port ${port}` : error.message;

async function checkCommand(command: string, run: RunBeside, timeoutMs: number): Promise<HealthAnswer> {
  try {
    const result = await run(['/bin/sh', '-c', command], timeoutMs);
    if (result.exitCode === 0) return null;
    const said = `${result.stderr}${result.stdout}`.trim().split('\n').at(-1) ?? '';
    return `its health command ${result.exitCode === null ? 'took too long' : `exited with ${result.exitCode}`}${said && `: ${said}`}`;
  } catch (cause) {
    return `its health command could not be run: ${(cause as Error).message}`;
  }
}
