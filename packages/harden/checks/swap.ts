import type { Change } from '../change.ts';
import { type Check, type Evidence, judge, notApplicable } from '../check.ts';
import { readSysctl } from '../file-changes.ts';
import type { HostAccess } from '../host-access.ts';
import { unitState } from '../system-changes.ts';

const SWAP_FILE = '/swap.berth';
/** systemd asks for this name (systemd.swap(5)): the path, escaped. */
const SWAP_UNIT = 'swap.berth.swap';
const SYSCTL_FILE = '/etc/sysctl.d/99-zz-berth-swap.conf';

const GIGABYTE = 1024 ** 3;
/** Above this the kernel has room to breathe without. */
const ENOUGH_MEMORY_BYTES = 4 * GIGABYTE;
const LARGEST_BYTES = 2 * GIGABYTE;

export const swap: Check = {
  id: 'swap',
  title: 'A short peak of memory does not kill a program',
  area: 'system',
  severity: 'low',
  fix: 'with less than 4 GB of memory and no swap: a swap file as large as the memory, 2 GB at most, used late (swappiness 10)',
  guarded: false,
  settleUndone: [['systemctl', 'daemon-reload']],

  async inspect({ host, container }) {
    if (container !== null) return notApplicable(`in a container (${container}) memory and swap are those of the host around it`);
    const { memory, swapped } = await readMemory(host);
    const needed = memory < ENOUGH_MEMORY_BYTES;
    const evidence: Evidence[] = [
      {
        what: 'swap space',
        where: '/proc/meminfo',
        found: swapped > 0 ? inMegabytes(swapped) : `none, with ${inMegabytes(memory)} of memory`,
        expected: needed ? 'some' : 'none is needed',
        state: swapped > 0 || !needed ? 'ok' : 'wrong',
      },
    ];
    if (swapped > 0) {
      const swappiness = (await readSysctl(host, 'vm.swappiness')) ?? 'unknown';
      const isFine = Number(swappiness) <= 10;
      evidence.push({
        what: 'vm.swappiness',
        where: '/proc/sys/vm/swappiness',
        found: swappiness,
        expected: '10 or less',
        state: isFine ? 'ok' : 'wrong',
      });
    }
    const oomd = (await unitState(host, 'systemd-oomd.service')).active;
    evidence.push({
      what: 'who ends programs when memory is short',
      where: 'systemctl is-active systemd-oomd',
      found: oomd ? 'systemd-oomd, by its own settings' : 'the kernel, by the limits of the units',
      expected: 'one of both',
      state: 'ok',
    });
    return judge(
      evidence,
      swapped > 0 ? `${inMegabytes(swapped)} of swap, used late` : `${inMegabytes(memory)} of memory are enough without`,
    );
  },

  async plan({ host }) {
    const { memory, swapped } = await readMemory(host);
    const changes: Change[] = [];
    // After a kill our own file may be in use already, and the rest not written.
    const isOurs = (await host.stat(SWAP_FILE)) !== null;
    if ((swapped === 0 && memory < ENOUGH_MEMORY_BYTES) || isOurs) {
      const bytes = Math.min(Math.ceil(memory / 1024 ** 2) * 1024 ** 2, LARGEST_BYTES);
      changes.push(
        { kind: 'swap', path: SWAP_FILE, bytes },
        { kind: 'file', path: `/etc/systemd/system/${SWAP_UNIT}`, content: SWAP_UNIT_TEXT, mode: 0o644 },
        { kind: 'unit', name: SWAP_UNIT },
      );
    }
    changes.push(
      { kind: 'file', path: SYSCTL_FILE, content: '# Written by Berth\nvm.swappiness = 10\n', mode: 0o644 },
      { kind: 'sysctl', key: 'vm.swappiness', value: '10' },
    );
    return { changes, settle: [] };
  },
};

const readMemory = async (host: Pick<HostAccess, 'read'>): Promise<{ memory: number; swapped: number }> => {
  const text = ((await host.read('/proc/meminfo')) ?? '').toString();
  const of = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { memory: of('MemTotal'), swapped: of('SwapTotal') };
};

const inMegabytes = (bytes: number): string => `${Math.round(bytes / 1024 ** 2)} MB`;

const SWAP_UNIT_TEXT = `# Written by Berth
[Unit]
Description=Swap space for short peaks of memory

[Swap]
What=${SWAP_FILE}

[Install]
WantedBy=swap.target
`;
