import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietly, run } from './command.ts';

export type Suite = 'bookworm' | 'trixie';

/**
 * The root file system of a bare Debian: systemd, an SSH server and what apt needs, nothing else. Made once by debootstrap
 * (40 s, 270 MB) and kept in /var/cache/berth-machines. Throws where debootstrap is missing or we are not root.
 */
export async function ensureImage(suite: Suite): Promise<string> {
  const image = join(IMAGES, `${suite}-${recipeHash()}`);
  if (existsSync(image)) return image;
  mkdirSync(IMAGES, { recursive: true, mode: 0o755 });
  await using _turn = await takeTurn(`${image}.lock`);
  if (existsSync(image)) return image;
  const making = mkdtempSync(`${image}.making-`);
  try {
    await run(['debootstrap', '--variant=minbase', `--include=${PACKAGES.join(',')}`, suite, making], { timeoutMs: 10 * 60_000 });
    prepare(making, suite);
    renameSync(making, image);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    throw error;
  }
  return image;
}

const IMAGES = '/var/cache/berth-machines';
const PACKAGES = ['systemd', 'systemd-sysv', 'dbus', 'iproute2', 'openssh-server'];
/** Raise it when `prepare` changes. */
const RECIPE = 1;

const recipeHash = (): string =>
  createHash('sha256')
    .update(`${RECIPE} ${PACKAGES.join(' ')}`)
    .digest('hex')
    .slice(0, 8);

/** What an installer would have done: the archives to install from, no identity yet, no leftovers of the making. */
function prepare(root: string, suite: Suite): void {
  chmodSync(root, 0o755); // made for us alone, it would keep every other user inside from every file
  const list = join(root, 'etc/apt/sources.list');
  // debootstrap has written where it took it all from; the archive of security updates lies beside it.
  const archive = /^deb (\S+)/m.exec(readFileSync(list, 'utf8'))?.[1] ?? '';
  const lines = [suite, `${suite}-updates`].map((name) => `deb ${archive} ${name} main\n`);
  writeFileSync(list, `${lines.join('')}deb ${archive}-security ${suite}-security main\n`);
  writeFileSync(join(root, 'etc/machine-id'), '');
  const archives = join(root, 'var/cache/apt/archives');
  for (const name of readdirSync(archives)) if (name.endsWith('.deb')) rmSync(join(archives, name));
  // Two machines must not have the same keys; sshd makes none by itself.
  for (const name of readdirSync(join(root, 'etc/ssh'))) if (name.startsWith('ssh_host_')) rmSync(join(root, 'etc/ssh', name));
}

const TURN_LOOK_MS = 250;

/** Test files run side by side: the first makes the image, the others wait for it. The lock is the kernel's. */
async function takeTurn(file: string): Promise<AsyncDisposable> {
  closeSync(openSync(file, 'a'));
  const holder = await quietly(['flock', '--exclusive', file, 'sh', '-c', 'echo held; exec cat'], { until: 'held' });
  return {
    async [Symbol.asyncDispose]() {
      holder.stdin.end();
      while (holder.exitCode === null && holder.signalCode === null) await sleep(TURN_LOOK_MS);
    },
  };
}

/** Why no machine can be booted here, null when one can. */
export function whyNoMachine(): string | null {
  if (process.getuid?.() !== 0) return 'a machine of its own needs root';
  for (const [program, debianPackage] of [
    ['debootstrap', 'debootstrap'],
    ['systemd-nspawn', 'systemd-container'],
    ['nft', 'nftables'],
  ] as const) {
    try {
      execFileSync('which', [program], { env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' }, stdio: 'ignore' });
    } catch {
      return `${program} is missing: apt-get install ${debianPackage}`;
    }
  }
  return null;
}
