const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;

/** Whoever stays healthy this long has recovered, and its earlier deaths no longer count. */
export const RECOVERED_AFTER_MS = 30_000;

const LOOP_DEATHS = 5;
const LOOP_WINDOW_MS = 120_000;

/** Each start may take its whole `health.start` to fail, and then five do not fit in the window. */
const SLOW_LOOP_DEATHS = 10;

/** How long to wait before the next start after so many failures in a row: 0, 1 s, 2 s, 4 s … 30 s. */
export const backoffDelayMs = (failures: number): number => {
  if (failures <= 1) return 0;
  // 2^5 s is above the cap, and larger exponents would leave the safe integers.
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures - 2, 5));
};

/** One end of an instance: when, and how long it had been healthy by then (0: never). */
export type Death = { readonly atMs: number; readonly healthyForMs: number };

/** Deaths since the last time it had recovered, oldest first. */
export const failuresInARow = (deaths: readonly Death[]): Death[] => {
  const recovered = deaths.findLastIndex(({ healthyForMs }) => healthyForMs >= RECOVERED_AFTER_MS);
  // The one that ends a healthy stretch is the first failure of the next row.
  return recovered === -1 ? [...deaths] : deaths.slice(recovered);
};

/**
 * Five deaths within two minutes, or ten however slowly, with no recovery between them: starting it again helps nobody,
 * a person has to look.
 */
export const isCrashLoop = (deaths: readonly Death[]): boolean => {
  const row = failuresInARow(deaths);
  const [first, last] = [row.at(-LOOP_DEATHS), row.at(-1)];
  if (row.length >= SLOW_LOOP_DEATHS) return true;
  return row.length >= LOOP_DEATHS && first !== undefined && last !== undefined && last.atMs - first.atMs <= LOOP_WINDOW_MS;
};
