import { preflightFailed } from './errors.ts';
import { parseSeen, type Seen } from './preflight.ts';
import { PREFLIGHT_SCRIPT } from './preflight-script.ts';
import type { Connection } from './ssh-connection.ts';

/** Looks at the machine and changes nothing. Throws SERVER_LOOK_FAILED. */
export const lookAt = async (connection: Connection): Promise<Seen> => {
  const { stdout, stderr } = await connection.run(['sh', '-s'], { input: PREFLIGHT_SCRIPT });
  const seen = parseSeen(stdout);
  if (seen === undefined) throw preflightFailed(connection.destination.host, stderr);
  return seen;
};
