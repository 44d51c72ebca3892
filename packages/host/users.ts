import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandFailed, userNameInvalid, userNotOurs } from './errors.ts';
import { type Exec, exec as execCommand } from './exec.ts';

export type SystemUser = { readonly name: string; readonly uid: number; readonly gid: number };

/** Throws USER_NAME_INVALID for what useradd would refuse or what could be taken for an option. */
export const checkUserName = (name: string): void => {
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(name)) throw userNameInvalid(name);
};

/**
 * The name of the system user for one purpose (an app, or its builds) in one home. Two homes on a machine never share a
 * user; names that would be too long end in a hash.
 */
export const systemUserName = (home: string, purpose: string): string => {
  const plain = home === '/var/lib/berth' ? `berth-${purpose}` : `berth-${shortHash(home)}-${purpose}`;
  const name = plain.length <= 32 ? plain : `${plain.slice(0, 25)}-${shortHash(plain)}`;
  checkUserName(name);
  return name;
};

export const findUser = async (name: string, exec: Exec = execCommand): Promise<SystemUser | null> =>
  (await findEntry(name, exec))?.user ?? null;

/** Creates the user, with a group of the same name, no home directory and no login, unless it is there already. */
export const ensureSystemUser = (name: string, exec: Exec = execCommand): Promise<SystemUser> => {
  // Two useradd at once both find the name free and add it twice: one after the other.
  const turn = lastTurn.then(() => createUnlessThere(name, exec));
  lastTurn = turn.catch(() => undefined);
  return turn;
};

let lastTurn: Promise<unknown> = Promise.resolve();

const createUnlessThere = async (name: string, exec: Exec): Promise<SystemUser> => {
  checkUserName(name);
  const existing = await findUser(name, exec);
  if (existing !== null) {
    if (existing.uid === 0) throw userNotOurs(name, 'it has the rights of root');
    return existing;
  }
  const argv = ['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'];
  await changeUsers([...argv, '--shell', '/usr/sbin/nologin', '--comment', COMMENT, name], exec, {
    // Somebody else was faster.
    accept: [NAME_IN_USE],
  });
  const created = await findUser(name, exec);
  if (created === null) throw userNotOurs(name, 'useradd said it was created, but it cannot be found');
  return created;
};

/** Absent: a no-op. A user that Berth did not create is left alone (USER_NOT_OURS). */
export const removeSystemUser = async (name: string, exec: Exec = execCommand): Promise<void> => {
  checkUserName(name);
  const entry = await findEntry(name, exec);
  if (entry === null) return;
  if (entry.comment !== COMMENT) throw userNotOurs(name, 'Berth did not create it');
  await changeUsers(['userdel', name], exec, { accept: [NO_SUCH_USER] });
};

/** How a user that Berth created is recognised. */
const COMMENT = 'Berth';

// Exit codes of useradd(8) and userdel(8).
const CANNOT_LOCK = 1;
const NO_SUCH_USER = 6;
const NAME_IN_USE = 9;

/** Another useradd holds /etc/passwd for some ten milliseconds. */
const LOCK_RETRIES = 50;
const LOCK_RETRY_MS = 100;

const changeUsers = async (argv: readonly string[], exec: Exec, { accept }: { accept: readonly number[] }): Promise<void> => {
  for (let attempt = 0; ; attempt++) {
    const result = await exec(argv);
    if (result.exitCode === 0 || (result.exitCode !== null && accept.includes(result.exitCode))) return;
    const locked = result.exitCode === CANNOT_LOCK && /lock/i.test(result.stderr);
    if (!locked || attempt === LOCK_RETRIES) throw commandFailed(argv, result);
    await sleep(LOCK_RETRY_MS);
  }
};

const findEntry = async (name: string, exec: Exec): Promise<{ user: SystemUser; comment: string } | null> => {
  const argv = ['getent', 'passwd', name];
  const result = await exec(argv);
  if (result.exitCode === 2) return null;
  if (result.exitCode !== 0) throw commandFailed(argv, result);
  const [found = '', , uid, gid, comment = ''] = result.stdout.trim().split(':');
  return { user: { name: found, uid: Number(uid), gid: Number(gid) }, comment };
};

const shortHash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 6);
