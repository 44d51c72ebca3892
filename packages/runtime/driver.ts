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
  /** `one-off`: a command that is not started again. `build`: one that makes what it will run. */
  readonly kind: 'instance' | 'one-off' | 'build';
  readonly app: string | null;
  readonly service: string | null;
  /** All that it may write to below Berth's home; a runtime that can hides everything else. */
  readonly writable: readonly string[];
  /** Files that it alone may read, by name; their paths are in its environment. */
  readonly secretFiles: Readonly<Record<string, string>>;
  /** Whether others (the edge) read what it writes. */
  readonly shared: boolean;
  /** How it is asked to end by whoever is not Berth: a machine that shuts down. */
  readonly stop: { readonly signal: StopSignal; readonly withinMs: number };
};

export type InstanceStatus =
  | { readonly state: 'running'; readonly pid: number; readonly memoryBytes: number }
  | { readonly state: 'exited'; readonly exitCode: number | null; readonly signal: string | null; readonly outOfMemory: boolean }
  | { readonly state: 'absent' };

/** To be started by the caller, whose streams the program gets and whose exit code is the program's. */
export type Foreground = {
  readonly argv: readonly string[];
  /** Ends it if it still runs, and clears up. Idempotent. */
  end(): Promise<void>;
};

/** To be run by the caller, with this on its standard input; nothing of the app is in its words. */
export type Beside = { readonly argv: readonly string[]; readonly input: string };

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
  /** How to run a command that belongs to whoever waits for it; null where the caller runs it himself, as its user. */
  foreground(spec: InstanceSpec): Foreground | null;
  /**
   * How to run a command that sees what a running instance sees: its files, as its user, in its environment. null where
   * the caller runs it himself, as its user. Throws when the instance does not run.
   */
  beside(spec: InstanceSpec, argv: readonly string[]): Promise<Beside | null>;
  /** Ends what the driver runs for itself; instances go on. */
  close(): Promise<void>;
}
