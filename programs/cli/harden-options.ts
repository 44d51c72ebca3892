/** What hardening is asked with from the command line. */
import { resolveHome, silentLogger } from '@berth/host';
import type { HardenOptions } from '@berth/harden';
import type { Session } from './session.ts';

export const hardenOptions = ({ env }: Session, only: readonly string[] | undefined): HardenOptions => ({
  home: resolveHome(env.variables, env.uid),
  uid: env.uid,
  log: silentLogger,
  // sudo keeps it from programs unless it is told otherwise: then the machine itself is all there is to ask.
  sshConnection: env.variables.SSH_CONNECTION ?? '',
  ...(only === undefined || only.length === 0 ? {} : { only }),
});
