/** berthd as a service of this machine's systemd, where it is one. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exec, isSystemdRunning } from '@berth/host';

export type DaemonUnit = {
  /** Begins the start; the process ends when berthd has come up or could not. The variables are for this start only. */
  start(variables: Readonly<Record<string, string>>): Promise<ChildProcess>;
  forgetVariables(): Promise<void>;
  stop(): Promise<void>;
  lastLines(): Promise<string[]>;
};

const UNIT = 'berthd.service';
const UNIT_FILE = `/etc/systemd/system/${UNIT}`;
const LOG_LINES = 5;

/** null where the daemon of this home is no service: it is started as a process of its own. */
export const findDaemonUnit = (home: string, uid: number): DaemonUnit | null => {
  if (uid !== 0 || !isSystemdRunning() || !serves(home)) return null;
  const variablesFile = join(home, 'run', 'start.env');
  return {
    async start(variables) {
      const lines = Object.entries(variables).map(([name, value]) => `${name}=${quote(value)}\n`);
      await writeFile(variablesFile, lines.join(''), { mode: 0o600 });
      await exec(['systemctl', 'reset-failed', UNIT]);
      return spawn('systemctl', ['start', UNIT], { stdio: 'ignore' });
    },
    forgetVariables: () => rm(variablesFile, { force: true }),
    async stop() {
      await exec(['systemctl', 'stop', UNIT]);
    },
    async lastLines() {
      const { stdout } = await exec(['journalctl', '--unit', UNIT, '--lines', String(LOG_LINES), '--output=cat', '--no-pager']);
      return stdout.trimEnd().split('\n');
    },
  };
};

const serves = (home: string): boolean => {
  try {
    return readFileSync(UNIT_FILE, 'utf8').split('\n').includes(`Environment=BERTH_HOME=${home}`);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw cause;
  }
};

/** As an EnvironmentFile wants it, systemd.exec(5). */
const quote = (value: string): string => `"${value.replace(/["\\$`]/g, '\\$&')}"`;
