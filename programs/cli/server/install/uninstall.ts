/** `berth server uninstall`, on the server itself: the machine as it was, but for what is said. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readdir, rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { undoHardening } from '@berth/harden';
import { exec, removeSystemUser, silentLogger } from '@berth/host';
import type { Session } from '../../session.ts';
import { stopPlatform } from '../../stop-platform.ts';
import { installRefused } from '../errors.ts';
import { MARK_FILE } from './mark.ts';
import { CODE_CACHE, COMMAND, CONFIGURATION, DAEMON_UNIT, PROGRAMS, SERVER_HOME, UNITS } from './places.ts';

export type UninstallWish = {
  /** Also the home: apps, their data, keys and certificates. */
  readonly purge: boolean;
  readonly undoHardening: boolean;
};

/** `removed` and `kept`, a few words each. */
export type Uninstalled = { readonly removed: readonly string[]; readonly kept: readonly string[] };

/** Idempotent, and goes on where it was interrupted. Throws SERVER_INSTALL_REFUSED. */
export const uninstallServer = async (session: Session, wish: UninstallWish): Promise<Uninstalled> => {
  const root = resolve(import.meta.dirname, '../../../..');
  if (session.env.uid !== 0) throw installRefused('it needs root');
  if (!root.startsWith(`${PROGRAMS}/`)) throw installRefused(`it runs from ${root}, and not from below ${PROGRAMS}`);
  const removed: string[] = [];
  const kept: string[] = ['the packages haproxy and nginx'];

  await stopAll(session);
  removed.push('apps, edge and daemon are stopped');
  if (wish.undoHardening) {
    const undone = await undoHardening({ home: SERVER_HOME, uid: 0, log: silentLogger, sshConnection: '' });
    removed.push(`hardening: ${undone.map(({ check }) => check).join(', ') || 'there was none'}`);
  } else if (existsSync(`${CONFIGURATION}/harden`))
    kept.push('hardening (firewall, sshd, updates and the rest), with what it installed');
  removed.push(...(await removeUnits()));
  if (wish.purge) {
    await rm(SERVER_HOME, { recursive: true, force: true });
    removed.push(SERVER_HOME, ...(await removeUsers()));
  } else kept.push(`${SERVER_HOME}, with the users that own what is in it`);
  await rm(MARK_FILE, { force: true });
  // What hardening remembers is needed to take it back.
  if ((await readdir(CONFIGURATION).catch(() => ['none'])).length === 0) await rmdir(CONFIGURATION);
  for (const path of [CODE_CACHE, COMMAND, PROGRAMS]) {
    await rm(path, { recursive: true, force: true });
    removed.push(path);
  }
  return { removed, kept };
};

/** Everything in order where the daemon still can; whatever is left then is in its slices and in its own group. */
const stopAll = async (session: Session): Promise<void> => {
  await exec(['systemctl', 'disable', '--quiet', 'berthd.service']);
  if (existsSync(join(SERVER_HOME, 'journal.db')))
    await stopPlatform({ ...session, json: true }).catch((thrown: Error) =>
      session.terminal.note(`not everything was stopped in order: ${thrown.message}`),
    );
  await exec(['systemctl', 'stop', 'berthd.service'], { timeoutMs: STOP_LIMIT_MS });
  await exec(['systemctl', 'stop', 'berth.slice'], { timeoutMs: STOP_LIMIT_MS });
  // KillMode=process leaves the edge and the replicator alone when the daemon alone is stopped.
  await exec(['systemctl', 'kill', '--kill-who=all', '--signal=SIGKILL', 'berthd.service']);
  await killBelow(SERVER_HOME);
};

const STOP_LIMIT_MS = 150_000;

/** Programs of the edge and of the replicator that an ended daemon's unit does not name any more. */
const killBelow = async (home: string): Promise<void> => {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  for (const pid of pids) if (worksBelow(Number(pid), home)) await exec(['kill', '-KILL', pid]);
};

const worksBelow = (pid: number, home: string): boolean => {
  try {
    return (
      /:\/system\.slice\/berthd\.service$/m.test(readFileSync(`/proc/${pid}/cgroup`, 'utf8')) ||
      readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        .split('\0')
        .some((word) => word.startsWith(`${home}/edge/`))
    );
  } catch {
    return false; // it ended at this moment
  }
};

/** Those that were written for apps of this home, and the daemon's. Hardening's own go with it. */
const removeUnits = async (): Promise<string[]> => {
  const ours = readdirSync(UNITS).filter((name) => name.endsWith('.service') && isAppUnit(join(UNITS, name)));
  for (const name of ours) {
    await exec(['systemctl', 'disable', '--quiet', name]);
    await rm(join(UNITS, name), { force: true });
  }
  await rm(DAEMON_UNIT, { force: true });
  await exec(['systemctl', 'daemon-reload']);
  for (const name of ours) await exec(['systemctl', 'stop', name], { timeoutMs: STOP_LIMIT_MS });
  await exec(['systemctl', 'reset-failed', 'berthd.service', ...ours]);
  return [...ours, 'berthd.service'];
};

const isAppUnit = (path: string): boolean =>
  readFileSync(path, 'utf8').startsWith('# Written by Berth\n# app=') &&
  readFileSync(path, 'utf8').includes(` home=${SERVER_HOME}\n`);

const removeUsers = async (): Promise<string[]> => {
  const { stdout } = await exec(['getent', 'passwd']);
  const names = stdout
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([name = '', , , , comment]) => name.startsWith('berth-') && comment === 'Berth')
    .map(([name = '']) => name);
  for (const name of names) await removeSystemUser(name);
  return names.map((name) => `user ${name}`);
};
