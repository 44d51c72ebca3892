/** What a server says of itself, over one connection: `berth server status`. */
import { asBerthError, type ErrorBody } from '@berth/core';
import type { Session } from '../session.ts';
import { destinationText } from './destination.ts';
import { lookAt } from './look.ts';
import { reach } from './reach.ts';
import { connectThere } from './remote-platform.ts';
import type { Server } from './servers-file.ts';

export type ServerStatus = {
  readonly name: string;
  readonly destination: string;
  /** Null when all that follows could be read. */
  readonly error: ErrorBody | null;
  readonly os: string | null;
  readonly installed: string | null;
  /** Of its unit, as systemd says it. */
  readonly berthd: string | null;
  readonly version: string | null;
  readonly startedAt: string | null;
  readonly edge: string | null;
  readonly apps: readonly { readonly app: string; readonly state: string }[];
  readonly memoryMb: number | null;
  readonly diskFreeMb: number | null;
  readonly certificates: readonly { readonly host: string; readonly kind: string; readonly notAfter: string }[];
};

/** Throws nothing of what is wrong there: it is the answer. */
export const readStatus = async (session: Session, server: Server): Promise<ServerStatus> => {
  let status: ServerStatus = { ...NOTHING, name: server.name, destination: destinationText(server.destination) };
  try {
    await using connection = await reach(session, server);
    const seen = await lookAt(connection);
    status = {
      ...status,
      os: seen.os.name,
      installed: seen.berth.current,
      berthd: seen.berth.unit,
      memoryMb: seen.memoryMb,
      diskFreeMb: Math.min(...Object.values(seen.diskMb)),
    };
    const client = await connectThere(session.env, server, connection, { start: false });
    const [platform, { certificates }] = await Promise.all([client.call('status', {}), client.call('certificates', {})]);
    return {
      ...status,
      version: platform.daemon.version,
      startedAt: platform.daemon.startedAt,
      edge: platform.edge.state,
      apps: platform.apps.map(({ app, state }) => ({ app, state })),
      // The one that answers when no name is asked for is nobody's.
      certificates: certificates.flatMap(({ host, kind, notAfter }) => (host === 'localhost' ? [] : [{ host, kind, notAfter }])),
    };
  } catch (thrown) {
    return { ...status, error: asBerthError(thrown).toJSON() };
  }
};

const NOTHING: Omit<ServerStatus, 'name' | 'destination'> = {
  ...{ error: null, os: null, installed: null, berthd: null, version: null, startedAt: null, edge: null },
  ...{ apps: [], memoryMb: null, diskFreeMb: null, certificates: [] },
};
