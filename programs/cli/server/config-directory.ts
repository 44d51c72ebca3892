import { join } from 'node:path';
import type { CliEnv } from '../env.ts';

/** Of this user, for what belongs to no platform: servers and their keys. Null where nothing says whose it would be. */
export const configDirectory = ({ variables }: CliEnv): string | null => {
  if (variables.XDG_CONFIG_HOME) return join(variables.XDG_CONFIG_HOME, 'berth');
  if (variables.HOME) return join(variables.HOME, '.config', 'berth');
  return null;
};
