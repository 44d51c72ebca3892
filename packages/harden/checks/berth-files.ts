import { homeLayout, systemUserName } from '@berth/host';
import type { Change } from '../change.ts';
import { type Check, type Context, type Evidence, judge, notApplicable } from '../check.ts';
import { type Account, readAccounts } from './account-files.ts';

export const berthFiles: Check = {
  id: 'files',
  title: 'What Berth keeps can be read only by those it belongs to',
  area: 'files',
  severity: 'high',
  fix: 'modes and owners as Berth sets them: state, secrets and sockets for root alone, stores for the user of their app',
  guarded: false,
  settleUndone: [],

  async inspect(context) {
    const { host, home } = context;
    if ((await host.stat(home)) === null) return notApplicable(`Berth keeps nothing on this machine yet (${home} is not there)`);
    const evidence: Evidence[] = [];
    for (const one of await expectedOwners(context)) {
      const state = await host.stat(one.path);
      if (state === null || state.kind === 'link') continue;
      const isFine = (state.mode & ~one.mode & 0o7777) === 0 && state.uid === one.uid;
      evidence.push({
        what: one.path,
        where: 'stat',
        found: `${octal(state.mode)}, owner ${state.uid}`,
        expected: `${octal(one.mode)} or less, owner ${one.uid}`,
        state: isFine ? 'ok' : 'wrong',
      });
    }
    return judge(evidence, `${evidence.length} files and directories belong to whom they should`);
  },

  async plan(context) {
    const changes: Change[] = [];
    for (const one of await expectedOwners(context)) {
      const state = await context.host.stat(one.path);
      if (state === null || state.kind === 'link') continue;
      // Rights that somebody has taken away stay away.
      const mode = state.mode & one.mode;
      const gid = state.uid === one.uid ? state.gid : one.gid;
      changes.push({ kind: 'mode', path: one.path, mode, uid: one.uid, gid });
    }
    return { changes, settle: [] };
  },
};

/** `mode`: the most that is allowed. */
type Expected = { readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number };

const ROOT = { uid: 0, gid: 0 } as const;

/** As packages/host/home.ts and the operations create them. */
const expectedOwners = async (context: Context): Promise<readonly Expected[]> => {
  const { host, home } = context;
  const layout = homeLayout(home);
  const accounts = new Map((await readAccounts(host)).map((account) => [account.name, account]));
  const below = async (directory: string): Promise<readonly string[]> =>
    (await host.list(directory)).map((name) => `${directory}/${name}`);
  const found: Expected[] = [
    ...[layout.home, layout.apps, layout.public, layout.edge].map((path) => ({ path, mode: 0o711, ...ROOT })),
    ...[layout.run, layout.sources, layout.secrets, layout.instances, layout.replicator].map((path) => ({
      path,
      mode: 0o700,
      ...ROOT,
    })),
    ...[layout.journal, `${layout.journal}-wal`, `${layout.journal}-shm`, layout.socket, layout.daemonRecord, layout.lock].map(
      (path) => ({ path, mode: 0o600, ...ROOT }),
    ),
    { path: layout.log, mode: 0o640, ...ROOT },
    ...(await below(layout.secrets)).map((path) => ({ path, mode: 0o700, ...ROOT })),
    { path: '/etc/berth', mode: 0o700, ...ROOT },
    ...(await below('/etc/berth')).map((path) => ({ path, mode: 0o700, ...ROOT })),
  ];
  for (const app of await host.list(layout.apps)) found.push(...(await expectedInApp(app, context, accounts)));
  return found;
};

const expectedInApp = async (
  app: string,
  { host, home }: Context,
  accounts: ReadonlyMap<string, Account>,
): Promise<readonly Expected[]> => {
  const layout = homeLayout(home).app(app);
  const found: Expected[] = [
    ...[layout.root, layout.builds, layout.stores, layout.secrets].map((path) => ({ path, mode: 0o711, ...ROOT })),
    { path: layout.logs, mode: 0o700, ...ROOT },
  ];
  const user = isAppName(app) ? accounts.get(systemUserName(home, app)) : undefined;
  if (user === undefined) return found;
  const owner = { uid: user.uid, gid: user.gid };
  found.push({ path: layout.home, mode: 0o700, ...owner });
  for (const name of await host.list(layout.stores)) {
    const path = `${layout.stores}/${name}`;
    // The edge may read what it serves, through its group.
    if ((await host.stat(path))?.kind === 'directory') found.push({ path, mode: 0o750, ...owner });
  }
  return found;
};

const isAppName = (name: string): boolean => /^[a-z][a-z0-9-]*$/.test(name);

const octal = (mode: number): string => mode.toString(8).padStart(4, '0');
