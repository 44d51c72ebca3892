import { fileURLToPath } from 'node:url';
import { type Cgroup, cgroupDirectories } from '@berth/host';
import type { InstanceSpec } from '../driver.ts';
import { environmentNameInvalid, userNeedsRoot } from '../errors.ts';

export type Launch = { readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>> };

export type LaunchPlace = {
  /** Where the records of this instance are. */
  readonly directory: string;
  readonly run: number;
  readonly cgroup: Cgroup | null;
  /** Whom Berth runs as. */
  readonly uid: number;
};

/**
 * The command that starts an instance under its shim. The program's environment travels in variables of other names and
 * gets its own only after the change of user: an app may set LD_PRELOAD for itself, and must not for a shell of root.
 */
export const planLaunch = (spec: InstanceSpec, { directory, run, cgroup, uid }: LaunchPlace): Launch => {
  const names = Object.keys(spec.env);
  const carriers = names.map((_, i) => `${CARRIER}${i}`);
  return {
    argv: [
      ...['/bin/sh', SHIM, 'hold', directory, String(run)],
      ...[String(spec.limits.files), spec.priority, cgroup === null ? '' : cgroupDirectories(cgroup).join('\n')],
      ...(spec.priority === 'low' ? ['nice', '-n', '10'] : []),
      ...(spec.user !== null && uid === 0 ? becomeUser(spec.user) : []),
      ...['/bin/sh', '-c', enterScript(carriers), 'berth', spec.cwd, ...spec.argv],
    ],
    env: { PATH: TOOLS_PATH, ...Object.fromEntries(names.map((name, i) => [carriers[i], `${name}=${spec.env[name]}`])) },
  };
};

/** Throws RUNTIME_ENV_INVALID, RUNTIME_USER_NEEDS_ROOT. */
export const checkLaunchable = (spec: InstanceSpec, uid: number): void => {
  const invalid = Object.keys(spec.env).find((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || name.startsWith(CARRIER));
  if (invalid !== undefined) throw environmentNameInvalid(spec.id, invalid);
  if (spec.user !== null && uid !== 0 && spec.user.uid !== uid) throw userNeedsRoot(spec.id, spec.user.name);
};

const SHIM = fileURLToPath(new URL('shim.sh', import.meta.url));

/** Where the shim finds setsid, setpriv, nice and ionice; the program never sees it. */
const TOOLS_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';

const CARRIER = 'berth__';

const becomeUser = ({ uid, gid }: { uid: number; gid: number }): readonly string[] => [
  ...['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'],
  ...['--no-new-privs', '--inh-caps=-all', '--'],
];

/** 126 and 127 are what a shell answers for a program that cannot be executed or found. */
const enterScript = (carriers: readonly string[]): string => {
  const load =
    carriers.length === 0 ? '' : `export ${carriers.map((name) => `"$${name}"`).join(' ')}; unset ${carriers.join(' ')}; `;
  return `umask 022; cd -- "$1" || exit 126; shift; unset PATH PWD OLDPWD SHLVL; ${load}exec "$@"`;
};
