import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { waitUntil } from '../wait-until.ts';
import { directoryPrefix, MACHINES, NETWORK_NOTE, removeAbandoned } from './abandoned.ts';
import { type CommandResult, run, tryRun } from './command.ts';
import { ensureImage, type Suite } from './image.ts';
import { openNetwork } from './network.ts';

export type MachineOptions = {
  readonly suite: Suite;
  /** Debian packages that are installed before it is handed out; without any it is as bare as it was installed. */
  readonly packages?: readonly string[];
  /** This repository, read-only, at /opt/berth-source. */
  readonly source?: boolean;
};

/**
 * A Debian of its own: real systemd as PID 1, its own network, an SSH server that knows a key of this test. It shares
 * this host's kernel: no modules, no swap, /proc/sys read-only but for net, and the cgroup version of this host.
 */
export type Machine = AsyncDisposable & {
  readonly name: string;
  /** IPv4, reachable from this host and from no other. */
  readonly address: string;
  /** This host, as the machine sees it; `link` is the interface, for more addresses to come from. */
  readonly hostAddress: string;
  readonly link: string;
  readonly namespace: string;
  /** Its file system, seen from this host. */
  readonly root: string;
  /** File of the private key that root's authorized_keys knows. */
  readonly sshKey: string;
  /** Runs as root inside, in no session. Resolves however the command ended. */
  exec(argv: readonly string[], options?: MachineExecOptions): Promise<CommandResult>;
  /** As `exec`, and rejects unless it ended with 0. */
  execOk(argv: readonly string[], options?: MachineExecOptions): Promise<CommandResult>;
  /** `systemctl reboot`; resolves once it has come up again. */
  reboot(): Promise<void>;
  /** Everything in it is killed at once; `powerOn` boots what is on its disk. */
  pullThePlug(): Promise<void>;
  powerOn(): Promise<void>;
  /** Takes it back to what it was when it was handed out, keys included, but for `packages`; it is up again then. */
  reinstall(): Promise<void>;
};

export type MachineExecOptions = {
  readonly input?: string | Uint8Array;
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
};

const SOURCE = join(import.meta.dirname, '../../..');
const BOOT_MS = 90_000;
/** How systemd-nspawn ends with --keep-unit when the machine inside asked to be rebooted; who started it does the rest. */
const REBOOT = 133;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Needs root, debootstrap, systemd-nspawn and nft (see `whyNoMachine`). The first of a suite takes a minute, others seconds. */
export async function bootMachine({ suite, packages = [], source = false }: MachineOptions): Promise<Machine> {
  await using undo = new AsyncDisposableStack();
  const image = await ensureImage(suite);
  await removeAbandoned();
  const directory = mkdtempSync(join(MACHINES, directoryPrefix(process.pid)));
  undo.defer(() => rmSync(directory, { recursive: true, force: true }));
  const root = join(directory, 'root');
  const copyImage = () => run(['cp', '--archive', '--reflink=auto', image, root], { timeoutMs: 120_000 });
  await copyImage();
  const network = undo.use(await openNetwork());
  writeFileSync(join(directory, NETWORK_NOTE), String(network.number));
  const name = network.namespace;
  const sshKey = join(directory, 'key');
  const hostKeys = join(directory, 'host-keys');
  mkdirSync(join(hostKeys, 'etc/ssh'), { recursive: true });
  await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', sshKey]);
  await run(['ssh-keygen', '-A', '-f', hostKeys]);
  giveIdentity(root, { name, sshKey, hostKeys });

  let container: ChildProcess | null = null;
  let init = 0;
  const exec: Machine['exec'] = (argv, { env = {}, ...options } = {}) =>
    tryRun(['nsenter', '--all', `--target=${init}`, '--', 'env', '-C', '/root', ...argv], {
      ...options,
      env: { PATH, LC_ALL: 'C.UTF-8', HOME: '/root', ...env },
    });
  const execOk: Machine['exec'] = async (argv, options) => {
    const result = await exec(argv, options);
    if (result.exitCode !== 0)
      throw new Error(
        `${argv.join(' ')} ended with ${result.exitCode}: ${result.stderr.slice(-4_000)}${result.stdout.slice(-4_000)}`,
      );
    return result;
  };
  const waitUntilUp = async (): Promise<void> => {
    await waitUntil(
      async () => {
        const found = initOf(container);
        if (found === null || found === formerInit) return false;
        init = found;
        const { stdout } = await exec(['systemctl', 'is-system-running']).catch(() => ({ stdout: '' }));
        return ['running', 'degraded'].includes(stdout.trim()) && (await accepts(network.address, 22));
      },
      { what: `machine ${name} to come up`, withinMs: BOOT_MS },
    );
  };
  let formerInit = 0;
  const start = (): void => {
    container = spawn('systemd-nspawn', containerArguments({ root, name, namespace: network.namespace, source }), {
      stdio: 'ignore',
      env: {
        PATH,
        SYSTEMD_NSPAWN_API_VFS_WRITABLE: 'network',
        ...(suite === 'trixie' && { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' }),
      },
    });
    container.once('exit', (code) => {
      if (code === REBOOT) network.renew().then(start, (cause: unknown) => process.emitWarning(cause as Error));
    });
  };
  const powerOn = async (): Promise<void> => {
    await network.renew();
    start();
    await waitUntilUp();
  };
  const pullThePlug = async (): Promise<void> => {
    const running = container;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    const found = initOf(running);
    if (found === null) running.kill('SIGKILL');
    else process.kill(found, 'SIGKILL');
    await ended;
    container = null;
  };
  undo.defer(pullThePlug);
  start();
  await waitUntilUp();
  if (packages.length > 0) {
    await execOk(['apt-get', '-qq', 'update'], { timeoutMs: 120_000 });
    const install = ['apt-get', '-qq', '-y', '--no-install-recommends', 'install', ...packages];
    await execOk(install, { timeoutMs: 300_000, env: { DEBIAN_FRONTEND: 'noninteractive' } });
  }
  const kept = undo.move();
  return {
    name,
    address: network.address,
    hostAddress: network.hostAddress,
    link: network.link,
    namespace: network.namespace,
    root,
    sshKey,
    exec,
    execOk,
    async reboot() {
      formerInit = init;
      await exec(['systemctl', 'reboot']);
      await waitUntilUp();
    },
    pullThePlug,
    powerOn,
    async reinstall() {
      await pullThePlug();
      rmSync(root, { recursive: true, force: true });
      await copyImage();
      giveIdentity(root, { name, sshKey, hostKeys });
      await powerOn();
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

type Identity = { readonly name: string; readonly sshKey: string; readonly hostKeys: string };

function giveIdentity(root: string, { name, sshKey, hostKeys }: Identity): void {
  cpSync(hostKeys, root, { recursive: true });
  const home = join(root, 'root/.ssh');
  mkdirSync(home, { mode: 0o700, recursive: true });
  writeFileSync(join(home, 'authorized_keys'), readFileSync(`${sshKey}.pub`), { mode: 0o600 });
  writeFileSync(join(root, 'etc/hostname'), `${name}\n`);
  writeFileSync(join(root, 'etc/hosts'), `127.0.0.1 localhost\n127.0.1.1 ${name}\n::1 localhost\n`);
  // How this host reaches the network: its resolver, and the authority of a proxy that it trusts.
  writeFileSync(join(root, 'etc/resolv.conf'), readFileSync('/etc/resolv.conf'));
  const trusted = '/etc/ssl/certs/ca-certificates.crt';
  if (!existsSync(trusted)) return;
  mkdirSync(join(root, 'etc/ssl/certs'), { recursive: true });
  writeFileSync(join(root, trusted), readFileSync(trusted));
  writeFileSync(join(root, 'etc/npmrc'), `cafile=${trusted}\n`);
}

const containerArguments = (machine: { root: string; name: string; namespace: string; source: boolean }): string[] => [
  '--quiet',
  '--boot',
  '--register=no',
  '--keep-unit',
  '--console=pipe',
  '--link-journal=no',
  '--resolv-conf=off',
  '--timezone=off',
  `--directory=${machine.root}`,
  `--machine=${machine.name}`,
  `--network-namespace-path=/run/netns/${machine.namespace}`,
  '--capability=CAP_NET_ADMIN',
  ...(machine.source ? [`--bind-ro=${SOURCE}:/opt/berth-source`] : []),
];

/** The systemd that is PID 1 inside: the child of the child of systemd-nspawn, or its child. */
function initOf(container: ChildProcess | null): number | null {
  if (container?.pid === undefined || container.exitCode !== null) return null;
  let pids = [container.pid];
  for (let depth = 0; depth < 3; depth += 1) {
    pids = pids.flatMap(childrenOf);
    const found = pids.find((pid) => innerPid(pid) === 1);
    if (found !== undefined) return found;
  }
  return null;
}

const childrenOf = (pid: number): number[] => {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return []; // it has just ended
  }
};

/** Its number in the innermost PID namespace (proc(5), NSpid). */
const innerPid = (pid: number): number | null => {
  try {
    const numbers =
      readFileSync(`/proc/${pid}/status`, 'utf8')
        .match(/^NSpid:\s+(.*)$/m)?.[1]
        ?.split(/\s+/) ?? [];
    return numbers.length > 1 ? Number(numbers.at(-1)) : null;
  } catch {
    return null;
  }
};

const accepts = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host, port, timeout: 1_000 });
    const end = (open: boolean) => {
      socket.destroy();
      resolve(open);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
