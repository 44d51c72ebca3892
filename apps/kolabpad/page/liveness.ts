/**
 * Notices a dead link. The browser hides the socket's own pings, so after a silence the page asks for a sign of life, and
 * gives up when none comes. A gap between two looks at the clock means that the machine slept, and that it has to ask now.
 * Pure: times are passed in, in milliseconds.
 */

export type Verdict = 'fine' | 'ask' | 'dead';

/** Looked at so often. */
export const LOOK_MS = 1_000;
const SILENCE_MS = 15_000;
const ANSWER_MS = 8_000;
/** After a sleep, or when the page comes to the front, one wants to know sooner. */
const URGENT_ANSWER_MS = 3_000;
/** Hidden pages are looked after once a minute at worst, which is no sleep; asking then costs little either way. */
const SLEPT_MS = 20_000;

export type Liveness = {
  /** Something arrived. */
  heard(now: number): void;
  /** The machine may have slept, the network may have changed: ask without waiting for a silence. */
  doubt(now: number): void;
  /** To be called every LOOK_MS; `ask` is returned once per question. */
  look(now: number): Verdict;
};

export function createLiveness(openedAt: number): Liveness {
  let heardAt = openedAt;
  let lookedAt = openedAt;
  let answerBy: number | null = null;
  let urgent = false;
  return {
    heard(now) {
      heardAt = now;
      answerBy = null;
      urgent = false;
    },
    doubt() {
      urgent = true;
    },
    look(now) {
      const slept = now - lookedAt > SLEPT_MS;
      lookedAt = now;
      if (slept) {
        // What was waited for before the sleep says nothing: the answer had no time to come.
        urgent = true;
        answerBy = null;
      }
      if (answerBy !== null && now >= answerBy) return 'dead';
      if (answerBy !== null && !urgent) return 'fine';
      if (!urgent && now - heardAt < SILENCE_MS) return 'fine';
      const patience = urgent ? URGENT_ANSWER_MS : ANSWER_MS;
      answerBy = Math.min(answerBy ?? Number.POSITIVE_INFINITY, now + patience);
      urgent = false;
      return 'ask';
    },
  };
}
