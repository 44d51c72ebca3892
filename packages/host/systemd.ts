import { existsSync } from 'node:fs';
import { type Exec, exec as execCommand } from './exec.ts';

/** What systemd says of a unit, by the names of systemd's own properties. */
export type UnitProperties = Readonly<Record<string, string>>;

/** Whether this machine was booted with systemd (sd_booted(3)). */
export const isSystemdRunning = (): boolean => existsSync('/run/systemd/system');

/** e.g. 252, of `systemd 252 (252.39-1~deb12u2)`. */
export const systemdVersion = async (exec: Exec = execCommand): Promise<number> =>
  Number((await exec(['systemctl', '--version'])).stdout.match(/^systemd (\d+)/)?.[1] ?? 0);

/** The properties asked for, of a unit that may not exist; one that has no value is ''. */
export const showUnit = async (
  unit: string,
  names: readonly string[],
  exec: Exec = execCommand,
): Promise<UnitProperties | null> => {
  const { exitCode, stdout } = await exec(['systemctl', 'show', '--no-pager', `--property=${names.join(',')}`, '--', unit]);
  return exitCode === 0 ? parseProperties(stdout) : null;
};

/** Lines of NAME=value; a value may hold "=" itself. */
export const parseProperties = (text: string): UnitProperties =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
