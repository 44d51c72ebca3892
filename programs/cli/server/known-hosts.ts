/** Keys of hosts that were accepted for Berth, in a file of its own beside the list of servers, in ssh's own format. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureDirectory, exec, writeFileAtomic } from '@berth/host';
import type { CliEnv } from '../env.ts';
import { configDirectory } from './config-directory.ts';
import { type Destination, destinationText } from './destination.ts';
import { configDirectoryUnknown, sshHostKeyDiffers, sshHostKeyUnknown } from './errors.ts';
import { hostKeyArguments } from './ssh-arguments.ts';

/** Throws SERVER_CONFIG_UNKNOWN. */
export const knownHostsFile = (env: CliEnv): string => {
  const directory = configDirectory(env);
  if (directory === null) throw configDirectoryUnknown();
  return join(directory, 'known_hosts');
};

/**
 * Fetches the key of the host, and remembers it if it is the one with that fingerprint. Throws SSH_HOST_KEY_CHANGED for
 * another, SSH_HOST_KEY_UNKNOWN where none could be had.
 */
export const acceptHostKey = async (env: CliEnv, destination: Destination, fingerprint: string): Promise<void> => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-host-key-'));
  try {
    const file = join(directory, 'known_hosts');
    await exec(hostKeyArguments(destination, file), { env: env.variables, timeoutMs: 30_000 });
    const lines = await readOrEmpty(file);
    const { stdout } = await exec(['ssh-keygen', '-l', '-f', file], { env: env.variables, timeoutMs: 10_000 });
    const found = [...stdout.matchAll(/SHA256:\S+/g)].map(([text]) => text);
    if (found[0] === undefined) throw sshHostKeyUnknown(destinationText(destination), null);
    if (!found.includes(fingerprint)) throw sshHostKeyDiffers(destinationText(destination), fingerprint, found[0]);
    await remember(knownHostsFile(env), lines);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};

/** Lines of a host that was known by another key give way. */
const remember = async (file: string, lines: string): Promise<void> => {
  const names = new Set(lines.split('\n').map((line) => line.split(' ')[0]));
  const kept = (await readOrEmpty(file)).split('\n').filter((line) => line !== '' && !names.has(line.split(' ')[0]));
  ensureDirectory(dirname(file), 0o700);
  await writeFileAtomic(file, `${[...kept, ...lines.trim().split('\n')].join('\n')}\n`);
};

/** Of a server that is forgotten, unless another one has the same address. */
export const forgetHostKey = async (env: CliEnv, { host, port }: Pick<Destination, 'host' | 'port'>): Promise<void> => {
  const file = knownHostsFile(env);
  const name = port === null || port === 22 ? host : `[${host}]:${port}`;
  const before = await readOrEmpty(file);
  const kept = before.split('\n').filter((line) => line.split(' ')[0] !== name);
  if (before !== '') await writeFileAtomic(file, kept.join('\n'));
};

const readOrEmpty = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
