import { ensureSystemUser, removeSystemUser, type SystemUser, systemUserName } from '@berth/host';
import type { Users } from '@berth/operations';

const NOBODY_ELSE: Users = {
  app: async () => null,
  builder: async () => null,
  edge: null,
  removeApp: async () => undefined,
};

/** As root every app, the builds and the edge have a user each; otherwise all run as whoever started Berth. */
export const openUsers = async (home: string, uid: number): Promise<Users> => {
  if (uid !== 0) return NOBODY_ELSE;
  const known = new Map<string, Promise<SystemUser>>();
  const ensure = (purpose: string): Promise<SystemUser> => {
    const user = known.get(purpose) ?? ensureSystemUser(systemUserName(home, purpose));
    known.set(purpose, user);
    user.catch(() => known.delete(purpose));
    return user;
  };
  return {
    app: ensure,
    builder: () => ensure('build'),
    edge: await ensure('edge'),
    async removeApp(app) {
      known.delete(app);
      await removeSystemUser(systemUserName(home, app));
    },
  };
};
