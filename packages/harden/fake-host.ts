/** A machine in memory, for tests: files, units, packages and ports, as far as hardening speaks to them. */
import type { ExecResult } from '@berth/host';
import type { FileState, HostAccess, PublicListener } from './host-access.ts';

type FakeFile = { content: string; mode: number; uid: number; gid: number };

export type FakeHost = HostAccess & {
  readonly files: Map<string, FakeFile>;
  readonly units: Map<string, { enabled: boolean; active: boolean }>;
  readonly packages: Set<string>;
  /** Every command that was run. */
  readonly commands: string[];
  sockets: PublicListener[];
  /** Answers of commands that the fake does not know; the longest beginning that fits. */
  readonly answers: Map<string, Partial<ExecResult>>;
  /** Called before each write: a test throws here to be a kill or a full disk. */
  beforeWrite: (path: string) => void;
  banner: string;
  /** A run that was killed left something. */
  hasLeftovers: boolean;
};

export const createFakeHost = (files: Readonly<Record<string, string | Partial<FakeFile>>> = {}): FakeHost => {
  const readOnly = (path: string): boolean => path.startsWith('/proc/sys/') && !path.startsWith('/proc/sys/net/');
  const stored = new Map(
    Object.entries(files).map(([path, given]) => [
      path,
      { content: '', mode: 0o644, uid: 0, gid: 0, ...(typeof given === 'string' ? { content: given } : given) },
    ]),
  );
  const isDirectory = (path: string): boolean => [...stored.keys()].some((one) => one.startsWith(`${path}/`));
  const fake: FakeHost = {
    files: stored,
    units: new Map(),
    packages: new Set(),
    commands: [],
    sockets: [],
    answers: new Map(),
    beforeWrite: () => undefined,
    banner: 'SSH-2.0-fake',
    hasLeftovers: false,
    run: (argv) => Promise.resolve({ exitCode: 0, signal: null, stdout: '', stderr: '', ...answer(fake, argv) }),
    read: (path) => Promise.resolve(stored.has(path) ? Buffer.from(stored.get(path)?.content ?? '') : null),
    stat: (path) => {
      const file = stored.get(path);
      if (file !== undefined) return Promise.resolve({ kind: 'file', mode: file.mode, uid: file.uid, gid: file.gid });
      return Promise.resolve(isDirectory(path) ? ({ kind: 'directory', mode: 0o755, uid: 0, gid: 0 } satisfies FileState) : null);
    },
    list: (path) =>
      Promise.resolve([
        ...new Set(
          [...stored.keys()]
            .filter((one) => one.startsWith(`${path}/`))
            .map((one) => one.slice(path.length + 1).split('/')[0] ?? ''),
        ),
      ]),
    write: async (path, content, owner) => {
      fake.beforeWrite(path);
      stored.set(path, { content: content.toString(), ...owner });
    },
    writeValue: async (path, value) => {
      fake.beforeWrite(path);
      stored.set(path, { mode: 0o644, uid: 0, gid: 0, content: value });
    },
    setOwner: async (path, owner) => {
      const file = stored.get(path);
      if (file !== undefined) stored.set(path, { ...file, ...owner });
    },
    remove: async (path) => {
      stored.delete(path);
    },
    writable: (path) => stored.has(path) && !readOnly(path),
    listeners: () => Promise.resolve(fake.sockets),
    removeLeftovers: async () => {
      fake.hasLeftovers = false;
    },
    installPackages: async (names) => {
      fake.commands.push(`install ${names.join(' ')}`);
      for (const name of names) fake.packages.add(name);
    },
    lock: () => ({ [Symbol.dispose]: () => undefined }),
    greeting: () => Promise.resolve(fake.banner),
  };
  return fake;
};

const answer = (fake: FakeHost, argv: readonly string[]): Partial<ExecResult> => {
  const command = argv.join(' ');
  fake.commands.push(command);
  const known = [...fake.answers.keys()]
    .filter((beginning) => command.startsWith(beginning))
    .toSorted((a, b) => b.length - a.length);
  if (known[0] !== undefined) return fake.answers.get(known[0]) ?? {};
  if (argv[0] === 'dpkg-query') return { stdout: [...fake.packages].map((name) => `ii  ${name}\n`).join('') };
  if (argv[0] === 'systemctl') return systemctl(fake, argv);
  if (argv[0] === 'ufw') return { exitCode: 127 };
  return {};
};

const systemctl = ({ units }: FakeHost, [, verb = '', ...names]: readonly string[]): Partial<ExecResult> => {
  const name = names.at(-1) ?? '';
  const unit = units.get(name);
  switch (verb) {
    case 'is-enabled':
      return unit === undefined ? { exitCode: 4, stdout: 'not-found\n' } : { stdout: unit.enabled ? 'enabled\n' : 'disabled\n' };
    case 'is-active':
      return unit?.active === true ? { stdout: 'active\n' } : { exitCode: 3, stdout: 'inactive\n' };
    case 'enable':
    case 'disable':
      units.set(name, { active: unit?.active ?? false, enabled: verb === 'enable' });
      return {};
    case 'start':
    case 'stop':
      if (unit === undefined) return { exitCode: 5 };
      units.set(name, { enabled: unit?.enabled ?? false, active: verb === 'start' });
      return {};
    default:
      return {};
  }
};
