import { exec } from '@berth/host';

export type LimitsSeen = {
  /** The kernel was seen to hold a unit to its limit. */
  readonly memory: boolean;
  readonly cpu: boolean;
};

/** Makes a unit with limits and looks whether its control groups have them: a container may take them and do nothing. */
export const probeLimits = async (tag: string): Promise<LimitsSeen> => {
  const { stdout } = await exec([
    ...['systemd-run', '--quiet', '--no-ask-password', '--wait', '--pipe', '--collect', '--service-type=exec'],
    ...[`--unit=berth-${tag === '' ? '' : `${tag}-`}probe-${process.pid}`, '--slice=berth.slice'],
    ...[`--property=MemoryMax=${MEMORY_BYTES}`, '--property=CPUQuota=50%'],
    ...['/bin/sh', '-c', LOOK],
  ]);
  return readLimits(stdout);
};

/** Lines of `memory N` and `cpu N PERIOD`, or `cpu N` (version 1, microseconds in 100 ms). */
export const readLimits = (text: string): LimitsSeen => {
  const memory = text.match(/^memory (\d+)$/m)?.[1];
  const [, quota, period = '100000'] = text.match(/^cpu (\d+)(?: (\d+))?$/m) ?? [];
  return { memory: Number(memory) === MEMORY_BYTES, cpu: quota !== undefined && Number(quota) * 2 === Number(period) };
};

const MEMORY_BYTES = 256 * 1024 * 1024;

/** "$$" is systemd's way to write "$". */
const LOOK = [
  'group() { sed -n "s/^[0-9]*:$$1:\\(.*\\)/\\1/p;s/^0::\\(.*\\)/\\1/p" /proc/self/cgroup | head -n 1; }',
  'm=$$(group memory); c=$$(group "\\(cpu\\|cpu,cpuacct\\|cpuacct,cpu\\)")',
  'for f in "/sys/fs/cgroup/memory$$m/memory.limit_in_bytes" "/sys/fs/cgroup$$m/memory.max"; do [ -r "$$f" ] && echo "memory $$(cat "$$f")"; done',
  'for f in /sys/fs/cgroup/cpu*"$$c/cpu.cfs_quota_us" "/sys/fs/cgroup$$c/cpu.max"; do [ -r "$$f" ] && echo "cpu $$(cat "$$f")"; done',
  'true',
].join('; ');
