/** A connection to a server; a host that is met for the first time is asked about. */
import { BerthError } from '@berth/core';
import { isAgreed } from '../output/prompt.ts';
import type { Session } from '../session.ts';
import { type Destination, destinationText } from './destination.ts';
import { sshHostKeyDiffers } from './errors.ts';
import { acceptHostKey, knownHostsFile } from './known-hosts.ts';
import type { Server } from './servers-file.ts';
import { type Connection, openConnection } from './ssh-connection.ts';

/** Throws SSH_*. A key that is not the one that was accepted with the server ends it before anything is sent. */
export const reach = async (
  { env }: Pick<Session, 'env'>,
  server: Pick<Server, 'destination' | 'fingerprint'>,
): Promise<Connection> => {
  const connection = await openConnection(server.destination, { env, knownHosts: [knownHostsFile(env)] });
  const { fingerprint } = connection;
  if (server.fingerprint === null || fingerprint === null || fingerprint === server.fingerprint) return connection;
  await connection[Symbol.asyncDispose]();
  throw sshHostKeyDiffers(destinationText(server.destination), server.fingerprint, fingerprint);
};

type Meeting = {
  /** SHA256:… that was compared already. */
  readonly accepted: string | undefined;
};

/** As `reach`, for one that may be met for the first time: shows its fingerprint, and asks. */
export const meet = async (session: Session, destination: Destination, { accepted }: Meeting): Promise<Connection> => {
  const open = (): Promise<Connection> => reach(session, { destination, fingerprint: accepted ?? null });
  try {
    return await open();
  } catch (thrown) {
    const fingerprint = unknownKeyOf(thrown);
    if (fingerprint === null) throw thrown;
    if (accepted !== undefined && accepted !== fingerprint)
      throw sshHostKeyDiffers(destinationText(destination), accepted, fingerprint);
    if (accepted === undefined && !(await isAccepted(session, destination, fingerprint))) throw thrown;
    await acceptHostKey(session.env, destination, fingerprint);
    return open();
  }
};

/** Null for a jump host, too: its key is none of ours to accept. */
const unknownKeyOf = (thrown: unknown): string | null => {
  const isUnknown = thrown instanceof BerthError && thrown.code === 'SSH_HOST_KEY_UNKNOWN';
  return isUnknown && typeof thrown.fields.fingerprint === 'string' ? thrown.fields.fingerprint : null;
};

const isAccepted = async ({ terminal }: Session, destination: Destination, fingerprint: string): Promise<boolean> => {
  if (!terminal.interactive) return false;
  terminal.note(
    `${destinationText(destination)} is met for the first time. Its key is`,
    `  ${terminal.style.bold(fingerprint)}`,
    'Compare it with what the console of the server or your provider shows.',
  );
  return isAgreed(terminal, 'Is it the same? [y/N] ');
};
