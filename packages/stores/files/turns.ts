/** Who may use one thing now: many together, or one alone. In order, so that nobody waits for ever. */
export type Turns = {
  together<T>(work: () => Promise<T>): Promise<T>;
  alone<T>(work: () => Promise<T>): Promise<T>;
};

export const createTurns = (): Turns => {
  const waiting: { isAlone: boolean; begin: () => void }[] = [];
  let together = 0;
  let alone = false;
  const next = (): void => {
    for (;;) {
      const first = waiting[0];
      if (first === undefined || alone || (first.isAlone && together > 0)) return;
      waiting.shift();
      if (first.isAlone) alone = true;
      else together += 1;
      first.begin();
    }
  };
  const take = async <T>(isAlone: boolean, work: () => Promise<T>): Promise<T> => {
    await new Promise<void>((begin) => {
      waiting.push({ isAlone, begin });
      next();
    });
    try {
      return await work();
    } finally {
      if (isAlone) alone = false;
      else together -= 1;
      next();
    }
  };
  return { together: (work) => take(false, work), alone: (work) => take(true, work) };
};
