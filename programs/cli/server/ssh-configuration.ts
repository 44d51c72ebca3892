/** What the user's own ~/.ssh/config makes of a destination. */
import { exec } from '@berth/host';
import type { CliEnv } from '../env.ts';
import type { Destination } from './destination.ts';
import { sshFailed, sshMissing } from './errors.ts';
import { configurationArguments } from './ssh-arguments.ts';

export type SshConfiguration = {
  readonly host: string;
  readonly user: string;
  readonly port: string;
  readonly knownHosts: readonly string[];
  /** What the way leads through, by --jump or by ~/.ssh/config: its address may mean another machine here, or none. */
  readonly through: string | null;
};

/** Throws SSH_MISSING, and SSH_FAILED for a configuration that ssh refuses. */
export const readSshConfiguration = async (env: CliEnv, destination: Destination): Promise<SshConfiguration> => {
  const answer = await exec(configurationArguments(destination), { env: env.variables, timeoutMs: 20_000 }).catch((cause) => {
    throw (cause as { code?: string }).code === 'COMMAND_NOT_STARTED' ? sshMissing() : cause;
  });
  if (answer.exitCode !== 0) throw sshFailed(destination.host, answer.stderr.trim().split('\n'));
  return parseSshConfiguration(answer.stdout, destination);
};

/** `name value` a line, the names in small letters, as `ssh -G` prints them. */
export const parseSshConfiguration = (text: string, { host, user, port }: Destination): SshConfiguration => {
  const values = new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^(\S+) (.*)$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
  const files = values.get('userknownhostsfile') ?? '';
  return {
    host: values.get('hostname') ?? host,
    user: values.get('user') ?? user ?? 'root',
    port: values.get('port') ?? String(port ?? 22),
    through: values.get('proxyjump') ?? values.get('proxycommand') ?? null,
    knownHosts: files.split(' ').filter((file) => file !== '' && file !== '/dev/null' && file !== 'none'),
  };
};
