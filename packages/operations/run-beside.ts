import { type ExecResult, exec } from '@berth/host';
import type { InstanceSpec, RuntimeDriver } from '@berth/runtime';

/** Runs a command as an instance would; rejects as `exec` does, and when the instance does not run. */
export type RunBeside = (argv: readonly string[], timeoutMs: number) => Promise<ExecResult>;

/** With the files, the environment and the user of a running instance, wherever its runtime has put it. */
export const runBeside =
  (driver: Pick<RuntimeDriver, 'beside'>, spec: InstanceSpec): RunBeside =>
  async (argv, timeoutMs) => {
    const beside = await driver.beside(spec, argv);
    if (beside !== null) {
      return exec(beside.argv, { cwd: '/', env: { PATH: TOOLS_PATH }, input: beside.input, timeoutMs });
    }
    const { cwd, env, user } = spec;
    return exec(argv, { cwd, env, user, timeoutMs });
  };

/** Where a runtime's own tools are; the command never sees it. */
export const TOOLS_PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
