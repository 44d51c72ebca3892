/** So many at once; the others wait, in order. */
export type Slots = { use<T>(work: () => Promise<T>): Promise<T> };

export const createSlots = (count: number): Slots => {
  const waiting: (() => void)[] = [];
  let free = count;
  return {
    async use(work) {
      if (free > 0) free -= 1;
      else await new Promise<void>((begin) => waiting.push(begin));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next === undefined) free += 1;
        else next();
      }
    },
  };
};
