/** When what happens by itself is due. Pure: whoever asks says what time it is; moments are milliseconds since 1970. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Something that recurs for an app: `lastMs` when it last happened (null: never), `createdMs` since when there is the app. */
export type Recurring = { readonly app: string; readonly lastMs: number | null; readonly createdMs: number };

/** An app is left alone for its first hour: whoever set it up is still at it. */
const FIRST_HOUR_MS = HOUR_MS;

/** The first rehearsal is soon, since until then nothing is proven; the apps of a platform that was just set up take turns. */
const FIRST_DRILL_WITHIN_MS = 12 * HOUR_MS;

/**
 * When the next rehearsal of an app is due; in the past when it is overdue, null when it shall never be.
 * The first comes within 12 hours after the app's first, then they keep to a rhythm of the app's own. One that was asked for
 * by hand stands for the next if that would follow within half the time.
 */
export const nextDrillAt = ({ everyMs, ...drill }: Recurring & { readonly everyMs: number | null }): number | null => {
  if (everyMs === null) return null;
  const earliest = drill.createdMs + FIRST_HOUR_MS;
  if (drill.lastMs === null) return earliest + spread(`drill ${drill.app}`, Math.min(everyMs, FIRST_DRILL_WITHIN_MS));
  return Math.max(earliest, nextTurn(`drill ${drill.app}`, { everyMs, lastMs: drill.lastMs }));
};

/** When the next restore point of kind `schedule` is due: one a day, at a time of day of the app's own. */
export const nextScheduledPointAt = ({ app, lastMs, createdMs }: Recurring): number =>
  Math.max(createdMs + FIRST_HOUR_MS, nextTurn(`point ${app}`, { everyMs: DAY_MS, lastMs: lastMs ?? createdMs }));

/** When what is no longer needed is next deleted at the targets: every hour, at a minute of the app's own. */
export const nextUpkeepAt = ({ app, lastMs, createdMs }: Recurring): number =>
  nextTurn(`upkeep ${app}`, { everyMs: HOUR_MS, lastMs: lastMs ?? createdMs });

/** How long a change may be on its way before somebody should know, by where it goes to. */
const CONTINUOUS_LIMIT_MS: Readonly<Record<LagTarget, number>> = { directory: 15 * SECOND_MS, s3: MINUTE_MS };
/** A snapshot that is due waits for others, and takes its time. */
const SNAPSHOT_SLACK_MS = 10 * MINUTE_MS;

export type LagTarget = 'directory' | 's3';
export type LagLimit = {
  readonly store: 'sqlite' | 'files';
  readonly target: LagTarget;
  /** Of the app's backup policy. */
  readonly filesEveryMs: number;
};

/** How old the oldest change of a store that is not at a target may become. */
export const lagLimitMs = ({ store, target, filesEveryMs }: LagLimit): number =>
  store === 'files' ? 2 * filesEveryMs + SNAPSHOT_SLACK_MS : CONTINUOUS_LIMIT_MS[target];

export const judgeLag = ({ lagMs, ...limit }: LagLimit & { readonly lagMs: number }): 'ok' | 'late' =>
  lagMs > lagLimitMs(limit) ? 'late' : 'ok';

/** The turn after the last one; turns are `everyMs` apart, and none follows within half of that. */
const nextTurn = (what: string, { everyMs, lastMs }: { everyMs: number; lastMs: number }): number => {
  const offset = spread(what, everyMs);
  const earliest = lastMs + everyMs / 2;
  return Math.ceil((earliest - offset) / everyMs) * everyMs + offset;
};

/** The same share of `withinMs` for the same text, evenly spread over texts. Whole milliseconds. */
const spread = (text: string, withinMs: number): number => Math.floor((hash(text) / 2 ** 32) * withinMs);

/** FNV-1a, mixed once more because texts that differ in their last letter only would lie side by side. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
};
