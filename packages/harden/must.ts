import { type ExecResult, execOk } from '@berth/host';
import type { HostAccess } from './host-access.ts';

/** Runs a command of a fix; throws COMMAND_FAILED, which is told as the failure of the step that it is of. */
export const must = (host: Pick<HostAccess, 'run'>, argv: readonly string[]): Promise<ExecResult> =>
  execOk(argv, { exec: host.run });
