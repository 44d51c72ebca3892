/** How much memory this process may use: the strictest limit of its control groups, or the machine's memory. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import path from 'node:path';

export type MemoryLimitSources = {
  /** The text of a file, or null where there is none. */
  readonly readText?: (file: string) => string | null;
  readonly totalBytes?: () => number;
};

/** In bytes. A limit of any group above the process's own counts too, and none is above the machine's memory. */
export const readMemoryLimit = ({ readText = readOrNull, totalBytes = totalmem }: MemoryLimitSources = {}): number => {
  const limits = limitFiles(readText('/proc/self/cgroup') ?? '')
    .map((file) => readText(file)?.trim() ?? '')
    // Without a limit v2 says "max"; v1 says a number larger than any machine's memory.
    .filter((text) => /^\d+$/.test(text))
    .map(Number);
  return Math.min(totalBytes(), ...limits);
};

/** `0::/path` is cgroup v2, `4:memory:/path` v1. Inside a container the path may be the host's: then only the root exists. */
const limitFiles = (memberships: string): string[] =>
  memberships.split('\n').flatMap((line) => {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
    if (group === undefined) return [];
    if (hierarchy === '0' && controllers === '') return withParents(group, '/sys/fs/cgroup', 'memory.max');
    if (controllers?.split(',').includes('memory') !== true) return [];
    return withParents(group, '/sys/fs/cgroup/memory', 'memory.limit_in_bytes');
  });

const withParents = (group: string, mount: string, name: string): string[] => {
  const parts = path.posix
    .normalize(group)
    .split('/')
    .filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, depth) => path.posix.join(mount, ...parts.slice(0, depth), name));
};

const readOrNull = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
};
