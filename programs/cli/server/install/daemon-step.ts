import { once } from 'node:events';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { exec, execOk, homeLayout, showUnit, writeFileAtomic } from '@berth/host';
import { createClient, type PlatformSettings } from '@berth/protocol';
import { renderDaemonUnit } from '@berth/runtime';
import { findDaemonUnit } from '../../daemon-unit.ts';
import { daemonNotReady } from '../errors.ts';
import { CURRENT, DAEMON_UNIT, SERVER_HOME } from './places.ts';
import type { InstallStep } from './step.ts';

type Options = {
  /** Where this artifact was unpacked: the daemon has to run from there. */
  readonly root: string;
  /** Of a platform that never ran; one that did is asked to change them (settings-step.ts). */
  readonly settings: Partial<PlatformSettings>;
};

const READY_LIMIT_MS = 120_000;
const POLL_MS = 100;

/** The unit, as it should be, enabled, and running this version. Apps and the edge outlive a restart of the daemon. */
export const daemonStep = ({ root, settings }: Options): InstallStep => {
  const layout = homeLayout(SERVER_HOME);
  const text = renderDaemonUnit({ root: CURRENT, home: SERVER_HOME });
  return {
    name: 'daemon',
    title: 'berthd under systemd',
    async inspect() {
      const { state, enabled, pid } = await daemonUnit();
      const written = existsSync(DAEMON_UNIT) ? readFileSync(DAEMON_UNIT, 'utf8') : null;
      return [
        ...(written === text ? [] : [written === null ? `write ${DAEMON_UNIT}` : `write ${DAEMON_UNIT} anew`]),
        ...(enabled === 'enabled' ? [] : ['enable it, so that it starts with the machine']),
        ...(state !== 'active' ? [`start it (it was ${state || 'not there'})`] : []),
        ...(state === 'active' && !runsFrom(pid, root) ? ['restart it with this version'] : []),
        ...(state === 'active' && !(await answers(layout.socket)) ? ['restart it, since it does not answer'] : []),
      ];
    },
    async apply() {
      await writeFileAtomic(DAEMON_UNIT, text, 0o644);
      await execOk(['systemctl', 'daemon-reload']);
      await execOk(['systemctl', 'unmask', 'berthd.service']);
      await execOk(['systemctl', 'enable', '--quiet', 'berthd.service']);
      // A platform would begin on 8080 and 8443, which may be taken: its first start is told where to listen.
      const { state } = await daemonUnit();
      if (state === 'active') await restart();
      else await start(existsSync(layout.journal) ? {} : { BERTH_SETTINGS: JSON.stringify(settings) });
      const until = Date.now() + READY_LIMIT_MS;
      while (!(await answers(layout.socket))) {
        if (Date.now() > until) throw daemonNotReady(await lastWords());
        await delay(POLL_MS);
      }
    },
  };
};

const restart = async (): Promise<void> => {
  const { exitCode } = await exec(['systemctl', 'restart', 'berthd.service'], { timeoutMs: READY_LIMIT_MS });
  if (exitCode !== 0) throw daemonNotReady(await lastWords());
};

const start = async (variables: Readonly<Record<string, string>>): Promise<void> => {
  const unit = findDaemonUnit(SERVER_HOME, 0);
  if (unit === null) throw daemonNotReady(['systemd does not know its unit']);
  const starting = await unit.start(variables);
  if (starting.exitCode === null) await once(starting, 'exit');
  await unit.forgetVariables();
  if (starting.exitCode !== 0) throw daemonNotReady(await lastWords());
};

const daemonUnit = async (): Promise<{ state: string; enabled: string; pid: number }> => {
  const unit = (await showUnit('berthd.service', ['ActiveState', 'UnitFileState', 'MainPID', 'LoadState'])) ?? {};
  return {
    state: unit['LoadState'] === 'not-found' ? '' : (unit['ActiveState'] ?? ''),
    enabled: unit['UnitFileState'] ?? '',
    pid: Number(unit['MainPID'] ?? 0),
  };
};

const runsFrom = (pid: number, root: string): boolean => {
  try {
    return readlinkSync(`/proc/${pid}/exe`).startsWith(`${root}/`);
  } catch {
    return false; // it ended at this moment
  }
};

const answers = async (socketPath: string): Promise<boolean> => {
  try {
    await createClient({ socketPath, by: 'installer' }).call('settings', {});
    return true;
  } catch {
    return false; // whatever keeps it from answering, its own log says it
  }
};

const lastWords = async (): Promise<string[]> => {
  const { stdout } = await exec(['journalctl', '-u', 'berthd.service', '-n', '8', '-o', 'cat', '--no-pager'], {
    timeoutMs: 10_000,
  });
  return stdout.trim().split('\n').filter(Boolean);
};
