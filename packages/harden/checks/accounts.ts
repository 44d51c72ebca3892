import type { Change } from '../change.ts';
import { type Check, type Evidence, judge } from '../check.ts';
import { readAccounts, readEmptyPasswords } from './account-files.ts';

export const accounts: Check = {
  id: 'accounts',
  title: 'No account has an empty password, and only root has the rights of root',
  area: 'accounts',
  severity: 'high',
  fix: 'empty passwords are locked (keys still work); a second account with the number 0 is named only',
  guarded: false,
  settleUndone: [],

  async inspect({ host }) {
    const empty = await readEmptyPasswords(host);
    const roots = (await readAccounts(host)).filter(({ uid, name }) => uid === 0 && name !== 'root').map(({ name }) => name);
    const evidence: Evidence[] = [
      item('empty password', '/etc/shadow', empty),
      item('rights of root besides root', '/etc/passwd', roots),
    ];
    const manual = roots.length === 0 ? null : `see whose it is, then: userdel ${roots[0]}`;
    return judge(evidence, 'no empty password, and root alone has the number 0', manual);
  },

  async plan({ host }) {
    const empty = await readEmptyPasswords(host);
    return { changes: empty.map((user): Change => ({ kind: 'password', user })), settle: [] };
  },
};

const item = (what: string, where: string, names: readonly string[]): Evidence => ({
  what,
  where,
  found: names.join(', ') || 'nobody',
  expected: 'nobody',
  state: names.length === 0 ? 'ok' : 'wrong',
});
