import { ensureSystemUser, findUser, systemUserName } from '@berth/host';
import { SERVER_HOME } from './places.ts';
import type { InstallStep } from './step.ts';

const PURPOSES = ['edge', 'build'];

/** Of the edge and of builds; every app gets its own with its first deploy. */
export const usersStep = (): InstallStep => {
  const names = PURPOSES.map((purpose) => systemUserName(SERVER_HOME, purpose));
  const missing = async (): Promise<string[]> => {
    const found = await Promise.all(names.map((name) => findUser(name)));
    return names.filter((_, index) => found[index] === null);
  };
  return {
    name: 'users',
    title: 'system users',
    inspect: async () => (await missing()).map((name) => `create ${name}`),
    async apply() {
      for (const name of await missing()) await ensureSystemUser(name);
    },
  };
};
