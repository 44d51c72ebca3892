import type { Drill } from '@berth/protocol';

/** How long a recovery will take, and what that was reckoned from: an estimate nobody can judge is worth nothing. */
export type Estimate = { readonly ms: number; readonly how: string };

/** A store that is to be read from a target. */
export type Measured = {
  readonly app: string;
  readonly store: string;
  readonly bytes: number | null;
  /** In a directory of this machine. */
  readonly isNear: boolean;
};

type Request = {
  readonly parts: readonly Measured[];
  readonly builds: number;
  readonly running: number;
  /** The last one of each app. */
  readonly drills: readonly Pick<Drill, 'app' | 'stores'>[];
};

/** A plain disk and 160 Mbit/s; what is read is unpacked, written and compared as well. */
const NEAR_BYTES_PER_S = 60_000_000;
const FAR_BYTES_PER_S = 20_000_000;
/** A process that starts, a listing, a directory that is synced: seen with small stores. */
const EACH_STORE_MS = 1_000;
const EACH_BUILD_MS = 2_500;
/** The daemon, the edge, and apps that become healthy. */
const START_MS = 2_000;
const EACH_APP_MS = 1_000;
/** Stores come back two at a time. */
const AT_ONCE = 2;

/** Without the download of system packages, which depends on what the machine has. */
export function estimate({ parts, builds, running, drills }: Request): Estimate {
  const rehearsed = new Map(drills.flatMap(({ app, stores }) => stores.map((it) => [`${app}/${it.store}`, it.ms] as const)));
  const times = parts.map((part) => {
    const drilled = rehearsed.get(`${part.app}/${part.store}`);
    if (drilled !== undefined) return { ms: drilled, isDrilled: true };
    const rate = part.isNear ? NEAR_BYTES_PER_S : FAR_BYTES_PER_S;
    return { ms: EACH_STORE_MS + ((part.bytes ?? 0) / rate) * 1_000, isDrilled: false };
  });
  const longest = Math.max(0, ...times.map(({ ms }) => ms));
  const stores = Math.max(longest, times.reduce((sum, { ms }) => sum + ms, 0) / AT_ONCE);
  const drilled = times.filter(({ isDrilled }) => isDrilled).length;
  const unknown = parts.filter(({ app, store, bytes }) => bytes === null && !rehearsed.has(`${app}/${store}`)).length;
  const how = [
    ...(drilled > 0 ? [`${count(drilled, 'store')} as long as the last drill took`] : []),
    ...(times.length > drilled ? [`${count(times.length - drilled, 'store')} at an assumed ${rates(parts)}`] : []),
    ...(unknown > 0 ? [`${count(unknown, 'store')} of unknown size not counted`] : []),
    ...(builds > 0 ? [`${EACH_BUILD_MS / 1_000} s for each of ${count(builds, 'build')}`] : []),
    `${START_MS / 1_000} s and ${EACH_APP_MS / 1_000} s for each app to start`,
    'system packages not counted',
  ];
  return { ms: Math.round(stores + builds * EACH_BUILD_MS + START_MS + running * EACH_APP_MS), how: how.join(', ') };
}

const rates = (parts: readonly Measured[]): string =>
  [
    ...(parts.some(({ isNear }) => isNear) ? [`${NEAR_BYTES_PER_S / 1e6} MB/s from a directory`] : []),
    ...(parts.some(({ isNear }) => !isNear) ? [`${FAR_BYTES_PER_S / 1e6} MB/s from S3`] : []),
  ].join(' and ');

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
