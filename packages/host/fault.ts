/** Called at the named points of an operation, so that a test can end the daemon exactly there. */
export type Fault = (point: string) => void;

/** Nothing ever happens. */
export const noFault: Fault = () => undefined;

/**
 * `deploy.switch.after` ends this process with SIGKILL when that point is reached, `deploy.switch.after#3` when it is
 * reached for the third time. Without a spec nothing ever happens.
 */
export const createFault = (spec: string | undefined, kill: () => void = killSelf): Fault => {
  if (spec === undefined || spec === '') return noFault;
  const [point, count = '1'] = spec.split('#');
  let left = Number(count);
  if (!Number.isInteger(left) || left < 1) throw new RangeError(`"${spec}": after # comes the number of times, from 1`);
  return (reached) => {
    if (reached === point && --left === 0) kill();
  };
};

/** The signal is delivered before kill(2) returns: no further line of this process runs. */
const killSelf = (): void => {
  process.kill(process.pid, 'SIGKILL');
};
