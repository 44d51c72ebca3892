/** One piece of work at a time, in the order of asking. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export const createTurns = (): Turns => {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const mine = last.then(work);
    // The next one has its turn however this one ended; whoever asked for it hears of the failure.
    last = mine.catch(() => undefined);
    return mine;
  };
};
