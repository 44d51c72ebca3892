/** What systemd says of the units that instances run in. */
import { readFileSync } from 'node:fs';
import { exec, isSystemdRunning, parseProperties } from '@berth/host';
import type { InstanceFact } from './facts.ts';

/** The unit that an instance runs in, by its control group; null where it has none of its own. */
export const unitOf = ({ id, pids }: Pick<InstanceFact, 'id' | 'pids'>): string | null => {
  const [pid] = pids;
  if (pid === undefined || !isSystemdRunning()) return null;
  const unit = /\/([^/\n]+\.service)(?:\/|$)/m.exec(readIfThere(`/proc/${pid}/cgroup`))?.[1];
  return unit?.includes(id.replaceAll('.', '-')) ? unit : null;
};

/** Properties of the units of an instance, also of one that has ended; empty where there are none. */
export const unitProperties = async (
  id: string,
  names: readonly string[],
  timeoutMs: number,
): Promise<Readonly<Record<string, string>>> => {
  if (!isSystemdRunning()) return {};
  const { stdout } = await exec(['systemctl', 'show', `--property=${names.join(',')}`, `*${id.replaceAll('.', '-')}.service`], {
    timeoutMs,
  });
  const [first = ''] = stdout.trim().split('\n\n');
  return parseProperties(first);
};

/** What `systemd-analyze security` gives a unit: from 10, at the mercy of everybody, to 0; null when it gives none. */
export const exposureOf = async (unit: string, timeoutMs: number): Promise<number | null> => {
  const { stdout } = await exec(['systemd-analyze', 'security', '--no-pager', unit], { timeoutMs });
  const figure = /exposure level for .*: ([\d.]+)/.exec(stdout)?.[1];
  return figure === undefined ? null : Number(figure);
};

const readIfThere = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it ended while we looked
  }
};
