/** Where enough becomes too much. Replaced by tests, which cannot fill the memory of the machine they run on. */

const MB = 1_000_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export const defaultBounds = {
  /** Shares of a file system that are used; root's reserve counts as used. */
  diskWarnShare: 0.9,
  diskFullShare: 0.97,
  inodeWarnShare: 0.9,
  /** Share of the machine's memory that can still be had without swapping. */
  memoryAvailableShare: 0.05,
  /** Promise: under 80 MB with five apps idle. */
  daemonMemoryBytes: 300 * MB,
  /** Of an instance's limit. */
  memoryLimitShare: 0.9,
  descriptorShare: 0.8,
  /** S3 refuses requests that are 15 minutes off; certificates and cookies suffer earlier. */
  clockOffMs: 30_000,
  certificateWarnMs: 14 * DAY_MS,
  /** SQLite checkpoints at 1,000 pages, 4 MB: a log this long says that something keeps it from doing so. */
  walBytes: 64 * MB,
  /** Larger databases are checked with --slow only. */
  integrityBytes: 64 * MB,
  /** A write lock seen at each of this many looks in a row, so far apart. */
  lockLooks: 12,
  lockEveryMs: 150,
  /** What is older is no news. */
  recentMs: DAY_MS,
  /** People who were logged out ask within hours. */
  secretChangedMs: 6 * HOUR_MS,
  /** A drill that is due may wait for its turn. */
  drillSlackMs: 2 * DAY_MS,
  /** Held idle through the public URL, with --slow. Heartbeats are usually sent every 20 to 60 s. */
  idleMs: 125_000,
  answerMs: 3_000,
};

export type Bounds = typeof defaultBounds;
