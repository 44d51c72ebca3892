import type { Limits, StopSignal } from '@berth/core';
import type { SystemUser } from '@berth/host';

/** One running copy of a service, as a runtime needs to know it. */
export type InstanceSpec = {
  /** Unique in a home and never used again, e.g. `pad.web.3-k4x`; in the journal before it is started. */
  readonly id: string;
  /** The command; run without a shell. A manifest's `run` is given as ['/bin/sh', '-c', run]. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  /** null: as the user that Berth runs as. */
  readonly user: SystemUser | null;
  readonly limits: Limits;
  /** Standard output and error, appended. */
  readonly logFile: string;
  /** Builds yield to everything that serves. */
  readonly priority: 'normal' | 'low';
};

export type InstanceStatus =
  | { readonly state: 'running'; readonly pid: number; readonly memoryBytes: number }
  | { readonly state: 'exited'; readonly exitCode: number | null; readonly signal: string | null; readonly outOfMemory: boolean }
  | { readonly state: 'absent' };

/** A way to run instances. They outlive the daemon; a driver opened later finds them again by id. */
export interface RuntimeDriver {
  readonly id: 'process' | 'systemd' | 'docker' | 'swarm';
  readonly supports: {
    /** `enforced` by the kernel, `watched` by Berth (killed when seen above the limit). */
    readonly memoryLimit: 'enforced' | 'watched';
    readonly cpuLimit: boolean;
  };
  /** Resolves once the program has been started. An id that runs already is left as it is. */
  start(spec: InstanceSpec, signal: AbortSignal): Promise<void>;
  /** Asks with `stopSignal`, ends the whole group with SIGKILL after `withinMs`. Resolves once nothing of it is left. */
  stop(id: string, how: { stopSignal: StopSignal; withinMs: number }): Promise<void>;
  status(id: string): Promise<InstanceStatus>;
  /** Resolves when the instance is no longer running (at once when it is not). */
  exited(id: string, signal: AbortSignal): Promise<InstanceStatus>;
  /** Ids of all that this driver has records of, running or exited. */
  list(): Promise<readonly string[]>;
  /** Removes the records of an instance that is not running. Absent: a no-op. */
  forget(id: string): Promise<void>;
}
