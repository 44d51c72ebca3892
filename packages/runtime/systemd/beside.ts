import type { Beside, InstanceSpec } from '../driver.ts';
import { renderEnterScript } from './enter-script.ts';
import { credentialsDirectory } from './unit.ts';

/**
 * A command in the mount namespace of the process `pid` of a unit: with the unit's own /tmp, its read-only system and its
 * credentials, as its user and with no more privileges. All that runs as root on the way has nothing of the app's in its
 * environment; that comes on standard input, where no list of processes shows it.
 */
export const besideCommand = (
  spec: Pick<InstanceSpec, 'cwd' | 'env' | 'user' | 'secretFiles' | 'shared'>,
  { pid, unit, argv }: { readonly pid: number; readonly unit: string; readonly argv: readonly string[] },
): Beside => ({
  argv: [
    ...['nsenter', `--mount=/proc/${pid}/ns/mnt`, '--'],
    ...['setpriv', ...(spec.user === null ? [] : identity(spec.user)), ...UNPRIVILEGED, '--'],
    ...['/usr/bin/env', '-i', '/bin/sh', '-s'],
  ],
  input: renderEnterScript({ ...spec, argv }, credentialsDirectory(unit)),
});

const identity = ({ uid, gid }: { readonly uid: number; readonly gid: number }): readonly string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--init-groups',
];

const UNPRIVILEGED = ['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all'];
