/** Where a command acts, and on which server if on one. */
import { usage } from '../errors.ts';
import type { CliEnv } from '../env.ts';
import { getServer, readServers, type Server } from './servers-file.ts';

/**
 * `here`: on this machine, whatever server is meant otherwise. `platform`: through the API, wherever the platform is.
 * `machine`: on the machine of the platform, as a command there.
 */
export type Place = 'here' | 'platform' | 'machine';

const PLACES: Readonly<Record<string, Place>> = {
  ...{ up: 'here', down: 'here', check: 'here', server: 'here', version: 'here', completion: 'here', help: 'here' },
  ...{ doctor: 'machine', harden: 'machine', audit: 'machine', recover: 'machine' },
};

/** `command`: the first word of the command line. */
export const placeOf = (command: string | undefined): Place => PLACES[command ?? ''] ?? 'platform';

/** A name that means this machine, where a default or BERTH_ON says otherwise. */
export const LOCAL = 'local';

type Asked = { readonly on: string | undefined; readonly command: string | undefined };

/**
 * The server that a command is for, or null for this machine. What is said with --on goes before BERTH_ON; BERTH_HOME
 * names a platform of this machine, so that only then a default counts. Throws SERVER_NOT_FOUND, CLI_USAGE.
 */
export const chooseServer = (env: CliEnv, { on, command }: Asked): Server | null => {
  if (placeOf(command) === 'here') {
    if (on === undefined || on === LOCAL) return null;
    throw usage(`berth ${command} acts on this machine, and not on a server`, HERE_HINTS[command ?? ''] ?? 'leave --on out');
  }
  const name = on ?? env.on ?? (env.variables.BERTH_HOME ? null : readServers(env).default);
  return name === null || name === LOCAL ? null : getServer(env, name);
};

const HERE_HINTS: Readonly<Record<string, string>> = {
  up: 'a server always runs: berth deploy DIR --on NAME brings an app there',
  down: 'berth stop APP --on NAME stops an app; the whole platform is stopped there with: systemctl stop berthd',
};

/** The words of a command without what says where it is run. */
export const wordsWithoutOn = (words: readonly string[]): string[] => {
  const separator = words.indexOf('--');
  const own = separator < 0 ? words : words.slice(0, separator);
  const kept = own.filter((word, index) => word !== '--on' && !word.startsWith('--on=') && own[index - 1] !== '--on');
  return [...kept, ...(separator < 0 ? [] : words.slice(separator))];
};
