/** Runs the installation on the server, from the artifact that is there, and passes on what it says. */
import type { ErrorBody } from '@berth/core';
import { installEndedEarly, remoteError } from './errors.ts';
import { PROGRAMS } from './install/places.ts';
import type { InstallEvent } from './install/step.ts';
import type { Connection } from './ssh-connection.ts';

type Installed = Extract<InstallEvent, { kind: 'installed' }>;

/** Throws what the installation threw there, SERVER_INSTALL_ENDED, SSH_CONNECTION_LOST. */
export const runInstall = async (
  connection: Connection,
  {
    id,
    words,
    onEvent,
    confirm,
  }: { id: string; words: readonly string[]; onEvent: (event: InstallEvent) => void; confirm: () => Promise<void> },
): Promise<Installed> => {
  const { host } = connection.destination;
  let installed: Installed | undefined;
  let error: ErrorBody | undefined;
  let confirming: Promise<void> | undefined;
  const onLine = (line: string): void => {
    if (!line.startsWith('{')) return;
    const said = JSON.parse(line) as InstallEvent | { readonly error: ErrorBody };
    if ('error' in said) error = said.error;
    else {
      if (said.kind === 'installed') installed = said;
      onEvent(said);
      // Not waited for: the installation waits, and takes it back if nobody comes.
      if (said.kind === 'awaiting') confirming = confirm();
    }
  };
  const { code, stderr } = await connection.run([`${PROGRAMS}/${id}/berth`, 'server', 'install', '--json', ...words], {
    onLine,
  });
  // Why nobody could come in says more than that it was taken back.
  await confirming;
  if (error !== undefined) throw remoteError(error, host);
  if (installed === undefined || code !== 0) throw installEndedEarly(host, code, stderr);
  return installed;
};
