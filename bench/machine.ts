import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

export type Machine = {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryGB: number;
  readonly system: string;
  readonly versions: Readonly<Record<string, string>>;
};

/** What the figures were taken on; they are ratios because this differs. */
export function describeMachine(programs: readonly ('haproxy' | 'nginx' | 'caddy' | 'wrk')[]): Machine {
  const system = /PRETTY_NAME="([^"]*)"/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'Linux';
  return {
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGB: Math.round(totalmem() / 2 ** 30),
    system,
    versions: Object.fromEntries([['node', process.versions.node], ...programs.map((program) => [program, versionOf(program)])]),
  };
}

function versionOf(program: 'haproxy' | 'nginx' | 'caddy' | 'wrk'): string {
  const file = { haproxy: '/usr/sbin/haproxy', nginx: '/usr/sbin/nginx', caddy: 'caddy', wrk: 'wrk' }[program];
  const flag = { haproxy: '-v', nginx: '-v', caddy: 'version', wrk: '-v' }[program];
  // nginx says it on standard error, and wrk ends with 1 after saying it.
  const text = execFileSync('/bin/sh', ['-c', '"$0" "$1" 2>&1 || true', file, flag], { encoding: 'utf8' });
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? 'unknown';
}
