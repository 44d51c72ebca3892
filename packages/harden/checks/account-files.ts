/** /etc/passwd, /etc/group and /etc/shadow. */
import type { HostAccess } from '../host-access.ts';

export type Account = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
};

export const readAccounts = async (host: Pick<HostAccess, 'read'>): Promise<readonly Account[]> =>
  (await rows(host, '/etc/passwd')).map(([name = '', , uid, gid, , home = '', shell = '']) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
    home,
    shell,
  }));

export const readGroups = async (
  host: Pick<HostAccess, 'read'>,
): Promise<readonly { readonly name: string; readonly gid: number; readonly members: readonly string[] }[]> =>
  (await rows(host, '/etc/group')).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter(Boolean),
  }));

/** Names whose password is empty: whoever types nothing is let in. */
export const readEmptyPasswords = async (host: Pick<HostAccess, 'read'>): Promise<readonly string[]> =>
  (await rows(host, '/etc/shadow')).flatMap(([name = '', password]) => (password === '' ? [name] : []));

const rows = async (host: Pick<HostAccess, 'read'>, path: string): Promise<readonly (readonly string[])[]> =>
  ((await host.read(path)) ?? '')
    .toString()
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'));
