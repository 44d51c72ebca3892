/** Somebody at another address who tries to get in through SSH. */
import { execFile } from 'node:child_process';
import { execOk } from '@berth/host';
import type { Machine } from '@berth/testing';

/** `source`: one of this host's addresses; what ssh said. */
export const knockWith = (
  { address }: Pick<Machine, 'address'>,
  { user, key, source }: { user: string; key: string; source: string },
): Promise<{ readonly said: string }> =>
  new Promise((resolve) => {
    const options = ['BatchMode=yes', 'IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null'];
    const words = [...options, 'ConnectTimeout=4', 'LogLevel=ERROR'].flatMap((option) => ['-o', option]);
    const argv = ['-F', '/dev/null', ...words, '-b', source, '-i', key, `${user}@${address}`, 'echo in'];
    execFile('ssh', argv, { timeout: 30_000 }, (_error, stdout, stderr) => resolve({ said: `${stdout}${stderr}`.trim() }));
  });

/** Another address for this host on the line to a machine; given back at the end of the block. */
export const secondAddress = async (link: string, address: string): Promise<AsyncDisposable> => {
  await execOk(['ip', 'address', 'add', `${address}/24`, 'dev', link]);
  return {
    async [Symbol.asyncDispose]() {
      await execOk(['ip', 'address', 'delete', `${address}/24`, 'dev', link]);
    },
  };
};
