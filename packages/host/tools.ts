import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { finishKilledInstall, installWithApt } from './apt-install.ts';
import { unpackWithApt } from './apt-unpack.ts';
import { toolsMissing, toolTooOld } from './errors.ts';
import { type Exec, exec as execCommand } from './exec.ts';
import type { Logger } from './log.ts';

export type ToolName = 'haproxy' | 'nginx';

/** The programs that the edge is made of, wherever they come from. */
export type Tools = {
  readonly haproxy: string;
  readonly nginx: string;
  readonly versions: Readonly<Record<ToolName, string>>;
  /** To be added to the environment of both: where the libraries of unpacked programs are. */
  readonly env: Readonly<Record<string, string>>;
  /** Packages that this call installed or unpacked, what was downloaded for them, and the time it all took. */
  readonly installed: readonly string[];
  readonly bytes: number;
  readonly ms: number;
};

export type ToolsOptions = {
  /** Where packages are unpacked without root. */
  readonly parts: string;
  readonly uid: number;
  /** $PATH; the directories of system programs are looked at as well. */
  readonly path: string;
  readonly log: Logger;
  readonly exec?: Exec;
  readonly signal?: AbortSignal;
  /** False: as if the machine had none of them. */
  readonly useSystem?: boolean;
  /** Text of /etc/os-release. */
  readonly osRelease?: string;
  /** The file that says which packages are installed. */
  readonly dpkgStatus?: string;
};

/**
 * Finds HAProxy and nginx, and brings what is missing where that can be done by itself: with apt as root; without root
 * by unpacking the distribution's packages below the home. Throws TOOLS_MISSING with the command to run elsewhere.
 */
export const ensureTools = async (options: ToolsOptions): Promise<Tools> => {
  const { found, brought, startedAt } = await bringMissing(EDGE_TOOLS, options);
  const { haproxy = '', nginx = '' } = found;
  const { parts, exec = execCommand, log } = options;
  const env = haproxy.startsWith(parts) || nginx.startsWith(parts) ? libraryPath(parts) : {};
  const versions = { haproxy: await versionOf(haproxy, env, exec), nginx: await versionOf(nginx, env, exec) };
  if (!isAtLeast(versions.haproxy, HAPROXY_MIN)) throw toolTooOld('HAProxy', versions.haproxy, HAPROXY_MIN);
  const ms = Math.round(performance.now() - startedAt);
  if (brought.installed.length > 0) log.info('tools.installed', { ...brought, ms });
  return { haproxy, nginx, versions, env, ...brought, ms };
};

/** A program that only some platforms need. */
export type Restic = Brought & {
  readonly path: string;
  readonly version: string;
  /** To be added to its environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly ms: number;
};

/** As `ensureTools`, for restic: asked for when the first tree of files is to be saved or brought back. */
export const ensureRestic = async (options: ToolsOptions): Promise<Restic> => {
  const { found, brought, startedAt } = await bringMissing(['restic'], options);
  const { parts, exec = execCommand, log } = options;
  const path = found.restic ?? '';
  const env = path.startsWith(parts) ? libraryPath(parts) : {};
  const version = await versionOf(path, env, exec, 'version');
  if (!isAtLeast(version, RESTIC_MIN)) throw toolTooOld('restic', version, RESTIC_MIN);
  const ms = Math.round(performance.now() - startedAt);
  if (brought.installed.length > 0) log.info('tools.installed', { ...brought, ms });
  return { path, version, env, ...brought, ms };
};

type Program = ToolName | 'restic';

/** All of them are found then; throws TOOLS_MISSING otherwise. */
const bringMissing = async (
  names: readonly Program[],
  options: ToolsOptions,
): Promise<{ found: Partial<Record<Program, string>>; brought: Brought; startedAt: number }> => {
  const { parts, uid, log, exec = execCommand, signal } = options;
  const startedAt = performance.now();
  if (uid === 0) await finishKilledInstall({ exec, log });
  const found = locate(names, options);
  const missing = names.filter((name) => found[name] === undefined);
  if (missing.length === 0) return { found, brought: { installed: [], bytes: 0 }, startedAt };

  const osRelease = options.osRelease ?? (existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '');
  if (!isDebianLike(osRelease)) throw toolsMissing(missing, installCommand(osRelease, missing));
  log.info('tools.missing', { missing });
  const bring = { exec, log, signal };
  const brought =
    uid === 0 && options.useSystem !== false
      ? await installWithApt(missing, bring)
      : await unpackWithApt(missing, { ...bring, parts, dpkgStatus: options.dpkgStatus ?? '/var/lib/dpkg/status' });
  const all = locate(names, options);
  if (names.some((name) => all[name] === undefined)) throw toolsMissing(missing, installCommand('ID=debian', missing));
  return { found: all, brought, startedAt };
};

export type Brought = { readonly installed: readonly string[]; readonly bytes: number };

/** `add server` with keyword arguments, and the Lua and runtime API that the edge uses. */
const HAPROXY_MIN = '2.6';

/** Repositories of format 2, which compresses. */
const RESTIC_MIN = '0.14';

const EDGE_TOOLS: readonly ToolName[] = ['haproxy', 'nginx'];

const SYSTEM_DIRECTORIES = ['/usr/sbin', '/usr/local/sbin', '/usr/bin', '/usr/local/bin'];

const locate = (names: readonly Program[], { parts, path, useSystem = true }: ToolsOptions): Partial<Record<Program, string>> => {
  const system = useSystem
    ? [...path.split(delimiter).filter((directory) => directory.startsWith('/')), ...SYSTEM_DIRECTORIES]
    : [];
  const directories = [...system, join(parts, 'usr/sbin'), join(parts, 'usr/bin')];
  const find = (name: string): string | undefined => directories.map((directory) => join(directory, name)).find(isExecutable);
  return Object.fromEntries(
    names.flatMap((name) => {
      const program = find(name);
      return program === undefined ? [] : [[name, program]];
    }),
  );
};

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Every directory below the parts that holds shared libraries where a package puts them. */
const libraryPath = (parts: string): Readonly<Record<string, string>> => {
  const bases = ['usr/lib', 'lib'].map((name) => join(parts, name)).filter((base) => existsSync(base));
  const multiarch = bases.flatMap((base) =>
    readdirSync(base)
      .filter((name) => name.includes('-linux-'))
      .map((name) => join(base, name)),
  );
  const directories = [...multiarch, ...bases].filter((directory) => readdirSync(directory).some((name) => name.includes('.so')));
  return directories.length === 0 ? {} : { LD_LIBRARY_PATH: directories.join(':') };
};

/** Runs it, which also shows that its libraries are there. They write to standard output or standard error. */
const versionOf = async (program: string, env: Readonly<Record<string, string>>, exec: Exec, word = '-v'): Promise<string> => {
  const result = await exec([program, word], { env, timeoutMs: 10_000 });
  const version = `${result.stdout}${result.stderr}`.match(/(?:version |nginx\/|restic )(\d+\.\d+(?:\.\d+)?)/)?.[1];
  if (result.exitCode !== 0 || version === undefined) throw toolsMissing([program], `${program} ${word}`, result.stderr);
  return version;
};

export const isAtLeast = (version: string, least: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split('.').map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
};

const idsOf = (osRelease: string): readonly string[] =>
  [...osRelease.matchAll(/^(?:ID|ID_LIKE)=(.*)$/gm)].flatMap(([, value = '']) => value.replaceAll('"', '').split(' '));

const isDebianLike = (osRelease: string): boolean => idsOf(osRelease).some((id) => id === 'debian' || id === 'ubuntu');

/** What a person types on this system to install them. */
export const installCommand = (osRelease: string, tools: readonly string[]): string => {
  const ids = idsOf(osRelease);
  const is = (...names: string[]): boolean => names.some((name) => ids.includes(name));
  const list = tools.join(' ');
  if (is('debian', 'ubuntu')) return `sudo apt-get install ${list}`;
  if (is('fedora', 'rhel', 'centos')) return `sudo dnf install ${list}`;
  if (is('arch')) return `sudo pacman -S ${list}`;
  if (is('alpine')) return `sudo apk add ${list}`;
  if (is('opensuse', 'suse')) return `sudo zypper install ${list}`;
  return `install ${tools.join(' and ')} with your system’s package manager`;
};
