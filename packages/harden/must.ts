import type { ExecResult } from '@berth/host';
import { stepFailed } from './errors.ts';
import type { HostAccess } from './host-access.ts';

/** Runs a command of a fix; throws HARDEN_STEP_FAILED with its own words when it fails. */
export const must = async (
  host: Pick<HostAccess, 'run'>,
  argv: readonly string[],
  options: { check?: string; input?: string } = {},
): Promise<ExecResult> => {
  const result = await host.run(argv, options.input === undefined ? {} : { input: options.input });
  if (result.exitCode === 0) return result;
  const why = result.stderr.trim() || result.stdout.trim() || `it ended with ${result.exitCode ?? result.signal}`;
  throw stepFailed(options.check ?? 'hardening', { step: argv.join(' '), why });
};
