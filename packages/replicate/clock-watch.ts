/** Times of transactions never run backwards, but a person who restores by time has to know that the clock did. */
export interface ClockWatch {
  /** By how many milliseconds the clock was set since the last call; 0 for what is too little to matter. */
  jump(): number;
}

export const createClockWatch = (now: () => number): ClockWatch => {
  let offset = now() - performance.now();
  return {
    jump() {
      const before = offset;
      offset = now() - performance.now();
      const byMs = Math.round(offset - before);
      return Math.abs(byMs) > CLOCK_JUMP_MS ? byMs : 0;
    },
  };
};

const CLOCK_JUMP_MS = 2000;
