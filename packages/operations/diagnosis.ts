import type { InstanceStatus } from '@berth/runtime';

export type Symptoms = {
  readonly status: InstanceStatus | null;
  /** The last answer of the health check. */
  readonly answer: string | null;
  /** The port it was given; null when it takes no requests. */
  readonly port: number | null;
  /** Ports that it listens on. */
  readonly listening: readonly number[];
  readonly startMs: number;
  /** Memory limit in bytes. */
  readonly memoryBytes: number | null;
  readonly lastLines: readonly string[];
};

/** The likely reason why an instance is not healthy, in one sentence for the person who deployed it. */
export function diagnose(symptoms: Symptoms): string {
  const { status, port, listening, startMs } = symptoms;
  if (status?.state === 'exited') return diagnoseExit(status, symptoms);
  if (status?.state !== 'running') return 'it could not be started';
  const within = `within ${startMs / 1_000} s`;
  if (port !== null && !listening.includes(port)) {
    if (listening.length === 0) return `it does not listen on $PORT (${port}) ${within}`;
    return `it listens on port ${listening.join(', ')} and not on $PORT (${port}): read the port from the PORT variable`;
  }
  return `${symptoms.answer ?? 'no answer to its health check'} (${within})`;
}

function diagnoseExit(status: Extract<InstanceStatus, { state: 'exited' }>, { memoryBytes, lastLines, port }: Symptoms): string {
  if (status.outOfMemory)
    return `it needed more memory than its limit${memoryBytes ? ` of ${Math.round(memoryBytes / 1e6)} MB` : ''} and was ended`;
  if (lastLines.some((line) => line.includes('heap out of memory'))) return 'it ran out of JavaScript heap memory';
  if (lastLines.some((line) => line.includes('EADDRINUSE')))
    return `a port that it wants to listen on is taken${port === null ? '' : `: it should listen on $PORT (${port}) and on no other`}`;
  if (status.exitCode === 127) return 'its command was not found (exit code 127)';
  if (status.exitCode === 126) return 'its command is not executable (exit code 126)';
  if (status.signal) return `it was ended by ${status.signal}`;
  return `it exited with code ${status.exitCode}`;
}
