import type { HostAccess } from '../host-access.ts';
import { type Account, readAccounts, readGroups } from './account-files.ts';
import type { Effective } from './sshd-config.ts';

export type AdminKeys = {
  /** How an administrator can log in with a key. */
  readonly usable: readonly string[];
  /** Where keys were looked for. */
  readonly looked: readonly string[];
};

/** Whether somebody who can repair the machine could log in when passwords are no longer taken. */
export const findAdminKeys = async (host: HostAccess, effective: Effective): Promise<AdminKeys> => {
  const first = (key: string): string => effective.get(key)?.[0] ?? '';
  const usable: string[] = [];
  const looked: string[] = [];
  // A program or an authority decides who may log in: not for us to judge.
  for (const key of ['authorizedkeyscommand', 'trustedusercakeys']) {
    const value = first(key);
    if (value !== '' && value !== 'none') usable.push(`${key} ${value}`);
  }
  for (const account of await admins(host)) {
    if (account.uid === 0 && first('permitrootlogin') === 'no') continue;
    if (!isAllowed(account.name, effective)) continue;
    for (const pattern of first('authorizedkeysfile').split(' ').filter(Boolean)) {
      const path = keyFile(pattern, account);
      looked.push(path);
      const keys = keysIn(((await host.read(path)) ?? '').toString());
      if (keys > 0 && (await isTrusted(host, path, account))) usable.push(`${account.name} (${path})`);
    }
  }
  return { usable, looked };
};

const ADMIN_GROUPS: readonly string[] = ['sudo', 'admin', 'wheel'];

const admins = async (host: HostAccess): Promise<readonly Account[]> => {
  const groups = (await readGroups(host)).filter(({ name }) => ADMIN_GROUPS.includes(name));
  const canLogIn = ({ shell }: Account): boolean => !/\/(?:nologin|false|sync)$/.test(shell);
  return (await readAccounts(host)).filter(
    (account) =>
      canLogIn(account) &&
      (account.uid === 0 || groups.some(({ gid, members }) => gid === account.gid || members.includes(account.name))),
  );
};

const isAllowed = (user: string, effective: Effective): boolean => {
  const listed = (key: string): readonly string[] => (effective.get(key) ?? []).flatMap((value) => value.split(' '));
  const matches = (pattern: string): boolean => {
    const [name = ''] = pattern.split('@');
    return new RegExp(
      `^${name
        .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    ).test(user);
  };
  const allowed = listed('allowusers');
  return !listed('denyusers').some(matches) && (allowed.length === 0 || allowed.some(matches));
};

/** %h, %u and %% as sshd_config(5) says; what is relative is so to the home. */
const keyFile = (pattern: string, { home, name }: Account): string => {
  const path = pattern.replaceAll(/%([hu%])/g, (_whole, letter: string) => ({ h: home, u: name })[letter] ?? '%');
  return path.startsWith('/') ? path : `${home}/${path}`;
};

const keysIn = (text: string): number =>
  text.split('\n').filter((line) => /^(?!\s*#).*(?:ssh-(?:ed25519|rsa)|ecdsa-sha2-\S+|sk-\S+) AAAA[0-9A-Za-z+/]{30,}/.test(line))
    .length;

/** What sshd asks for with StrictModes: nobody else may write the file, its directory or the home. */
const isTrusted = async (host: HostAccess, path: string, { uid, home }: Account): Promise<boolean> => {
  const above = path.startsWith(`${home}/`) ? [home, path.slice(0, path.lastIndexOf('/'))] : [];
  for (const at of [...above, path]) {
    const state = await host.stat(at);
    if (state === null || (state.uid !== 0 && state.uid !== uid) || (state.kind !== 'link' && (state.mode & 0o022) !== 0))
      return false;
  }
  return true;
};
