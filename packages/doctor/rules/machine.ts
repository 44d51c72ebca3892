/** Disk, memory and clock. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { readdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { directoryBytes } from '@berth/host';
import { ask } from '../facts/ask.ts';
import type { Facts } from '../facts/facts.ts';
import type { Rule, Seen } from '../finding.ts';
import { megabytes, percent, quoted, time } from '../words.ts';

const diskFull: Rule = {
  id: 'disk-full',
  area: 'machine',
  symptom: 'uploads and saves fail with "no space left on device" (ENOSPC)',
  looks: 'free space of the file systems of the home, of /tmp and of targets that are directories',
  async probe(facts) {
    const { diskWarnShare, diskFullShare } = facts.bounds;
    const found = await Promise.all(
      (await fileSystems(facts)).map(async ({ path, what }): Promise<Seen[]> => {
        const { blocks, bavail, bsize } = await statfs(path);
        const used = blocks === 0 ? 0 : 1 - bavail / blocks;
        if (used < diskWarnShare) return [];
        const largest = await largestBelow(path);
        return [
          {
            severity: used >= diskFullShare ? 'problem' : 'warning',
            evidence: [
              `${path} (${what}): ${percent(used)} used, ${megabytes(bavail * bsize)} of ${megabytes(blocks * bsize)} free`,
              ...(largest.length > 0 ? [`what takes most there: ${largest.join(', ')}`] : []),
            ],
            cause: 'the file system is nearly full: builds, backups and every write of an app will fail',
            fix: `du -xh --max-depth=4 ${quoted(path)} | sort -h | tail -n 20   # then delete what is not needed, or enlarge the disk`,
          },
        ];
      }),
    );
    return found.flat();
  },
};

const inodesFull: Rule = {
  id: 'inodes-full',
  area: 'machine',
  symptom: '"no space left on device" although the disk has space',
  looks: 'free inodes of the same file systems',
  async probe(facts) {
    const found = await Promise.all(
      (await fileSystems(facts)).map(async ({ path, what }): Promise<Seen[]> => {
        const { files, ffree } = await statfs(path);
        // Some file systems (btrfs) have no fixed number of them and say 0.
        if (files === 0 || 1 - ffree / files < facts.bounds.inodeWarnShare) return [];
        return [
          {
            severity: ffree < 100 ? 'problem' : 'warning',
            evidence: [`${path} (${what}): ${files - ffree} of ${files} inodes used, ${ffree} left`],
            cause: 'there are so many small files that no more can be made',
            fix: `du --inodes -x --max-depth=4 ${quoted(path)} | sort -n | tail -n 20`,
          },
        ];
      }),
    );
    return found.flat();
  },
};

const memoryLow: Rule = {
  id: 'memory-low',
  area: 'machine',
  symptom: 'everything is slow; programs are killed at random',
  looks: 'MemAvailable of /proc/meminfo, and who holds most',
  async probe(facts) {
    const text = readFileSync('/proc/meminfo', 'utf8');
    const field = (name: string): number => Number(text.match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))?.[1] ?? 0) * 1024;
    const [total, available, swap, swapFree] = ['MemTotal', 'MemAvailable', 'SwapTotal', 'SwapFree'].map(field) as [
      number,
      number,
      number,
      number,
    ];
    if (total === 0 || available / total >= facts.bounds.memoryAvailableShare) return [];
    const largest = facts
      .processes()
      .toSorted((a, b) => b.rssBytes - a.rssBytes)
      .slice(0, 3);
    return [
      {
        severity: 'problem',
        evidence: [
          `${megabytes(available)} of ${megabytes(total)} memory can still be had${swap > 0 ? `, ${megabytes(swapFree)} of ${megabytes(swap)} swap is free` : ', there is no swap'}`,
          `largest: ${largest.map(({ name, pid, rssBytes }) => `${name} (process ${pid}) ${megabytes(rssBytes)}`).join(', ')}`,
        ],
        cause: 'the programs of this machine need more memory than it has',
        fix: `ps -eo pid,rss,args --sort=-rss | head   # limit the largest with \`limits: { memory: … }\` in its berth.yaml, or add memory`,
      },
    ];
  },
};

const clockOff: Rule = {
  id: 'clock-off',
  area: 'machine',
  symptom: 'S3 refuses backups (RequestTimeTooSkewed); sessions and certificates are "not yet valid"',
  looks: "the Date header of the targets' endpoints, against the clock of this machine",
  async probe(facts) {
    const endpoints = [...new Set((facts.journal?.targets.list() ?? []).flatMap(({ url }) => endpointOf(url)))];
    const found = await Promise.all(
      endpoints.map(async (endpoint): Promise<Seen[]> => {
        const url = new URL(endpoint);
        const tls = url.protocol === 'https:';
        const place = { tls, address: url.hostname, port: Number(url.port) || (tls ? 443 : 80), host: url.hostname };
        const askedMs = Date.now();
        const answer = await ask(place, '/', { timeoutMs: facts.bounds.answerMs });
        const answeredMs = Date.now();
        const theirs = answer.kind === 'answer' ? Date.parse(answer.headers.date ?? '') : Number.NaN;
        // The header has whole seconds; what was on its way may have taken all of the time between.
        const off = theirs < askedMs - 1_000 ? askedMs - theirs : theirs > answeredMs ? theirs - answeredMs : 0;
        if (!(off > facts.bounds.clockOffMs)) return [];
        return [
          {
            severity: off > 5 * 60_000 ? 'problem' : 'warning',
            evidence: [
              `${endpoint} says ${new Date(theirs).toISOString()}, this machine says ${new Date(answeredMs).toISOString()}: ${time(off)} apart`,
            ],
            cause: `the clock of this machine seems to be ${theirs > answeredMs ? 'slow' : 'fast'}`,
            fix: 'timedatectl set-ntp true',
          },
        ];
      }),
    );
    return found.flat();
  },
};

export const machineRules: readonly Rule[] = [diskFull, inodesFull, memoryLow, clockOff];

type Mounted = { readonly path: string; readonly what: string };

/** Each file system once, by the first path that is on it. */
const fileSystems = async ({ layout, journal }: Facts): Promise<readonly Mounted[]> => {
  const targets = (journal?.targets.list() ?? [])
    .filter(({ url }) => url.startsWith('dir:'))
    .map(({ name, url }) => ({ path: url.slice('dir:'.length), what: `target ${name}` }));
  const seen = new Set<number>();
  return [{ path: layout.home, what: 'home' }, { path: tmpdir(), what: 'temporary files' }, ...targets].filter(({ path }) => {
    if (!existsSync(path)) return false;
    const { dev } = statSync(path);
    return !seen.has(dev) && seen.add(dev);
  });
};

const MEASURE_MS = 1_500;

/** "apps/pad/logs 412 MB": up to three, of what could be measured in the time. */
const largestBelow = async (path: string): Promise<readonly string[]> => {
  const names = [...(await readdir(path)), ...(await appParts(path))].filter((name) => name !== 'apps');
  const sizes = new Map<string, number>();
  const measured = Promise.all(names.map(async (name) => sizes.set(name, await directoryBytes(join(path, name))))).catch(
    () => undefined,
  );
  await Promise.race([measured, sleep(MEASURE_MS, undefined, { ref: false })]);
  return [...sizes]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `${name} ${megabytes(bytes)}`);
};

const appParts = async (home: string): Promise<readonly string[]> => {
  const apps = await readdir(join(home, 'apps')).catch(() => []);
  const parts = await Promise.all(
    apps.map(async (app) => (await readdir(join(home, 'apps', app)).catch(() => [])).map((part) => `apps/${app}/${part}`)),
  );
  return parts.flat();
};

const endpointOf = (url: string): readonly string[] => {
  if (!url.startsWith('s3:')) return [];
  const endpoint = new URL(url).searchParams.get('endpoint');
  return [endpoint ?? 'https://s3.amazonaws.com'];
};
