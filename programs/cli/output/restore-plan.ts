/** What a restore is going to do, said before it is asked for. */
import { formatMoment, type Reader } from '@berth/core';
import type { RestorePoint, RestoreRange, StoreStatus } from '@berth/protocol';
import type { Terminal } from './terminal.ts';
import { STILL_GOING_MS, TAKEN } from './time-line.ts';

export type RestorePlan = {
  readonly app: string;
  readonly at: Date;
  /** What was decided of a time that clocks showed twice or never. */
  readonly note: string | null;
  readonly point: RestorePoint | null;
  /** Of the app. */
  readonly stores: readonly StoreStatus[];
  /** Those that go back. */
  readonly wanted: readonly string[];
  readonly ranges: readonly RestoreRange[];
  /** The release that serves. */
  readonly release: number | null;
  /** A directory that gets the data instead of the app. */
  readonly into: string | null;
  readonly target: string | null;
};

export const renderRestorePlan = (plan: RestorePlan, reader: Reader, { style }: Pick<Terminal, 'style'>): string[] => {
  const { app, at, point, stores, wanted, into, target } = plan;
  const from = `${point === null ? '' : `, restore point ${point.point} (${TAKEN[point.kind]})`}${target === null ? '' : `, from ${target}`}`;
  const moment = style.bold(formatMoment(at, reader));
  const widest = Math.max(0, ...stores.map(({ store }) => store.length));
  const named = stores.filter(({ store }) => into === null || wanted.includes(store));
  return [
    into === null ? `${app} goes back to ${moment}${from}` : `The data of ${app} as of ${moment}${from} is copied into ${into}`,
    ...named.map(
      (store) =>
        `  ${store.store.padEnd(widest)}  ${wanted.includes(store.store) ? describe(store, plan, reader) : 'stays as it is'}`,
    ),
    ...(into === null ? inPlace(plan) : ['The app goes on as it is.']),
    ...(plan.note === null ? [] : [`${style.yellow('Note:')} ${plan.note}`]),
    ...warn(plan).map((text) => `${style.yellow('Warning:')} ${style.hint(text)}`),
  ];
};

const inPlace = ({ release }: RestorePlan): string[] => [
  'What was written to it since then goes. The state of now becomes a restore point first, so that this can be undone.',
  `Requests wait for a moment while the data is exchanged${release === null ? '' : `; release ${release} serves on`}.`,
];

const describe = ({ store, kind }: StoreStatus, { at, point, ranges }: RestorePlan, reader: Reader): string => {
  const own = ranges.filter((range) => range.store === store);
  // What is not known to be only a copy is left to the platform, which says what came back.
  const isExact = (point !== null || own.length === 0 || own.some((range) => isEveryChange(range, at))) && kind === 'sqlite';
  if (isExact) return 'comes back as it was at that moment';
  const newest = Math.max(...own.map(({ to }) => Date.parse(to)));
  if (own.length > 0 && newest <= at.getTime())
    return `comes back from its newest copy, of ${formatMoment(new Date(newest), reader)}`;
  return 'comes back from its nearest copy at or before that moment';
};

/** Its end may be a moment behind `at`: it goes on. */
const isEveryChange = ({ resolution, from, to }: RestoreRange, at: Date): boolean =>
  resolution === 'every-change' && Date.parse(from) <= at.getTime() && at.getTime() <= Date.parse(to) + STILL_GOING_MS;

const warn = ({ app, at, point, release, stores, wanted, ranges, into }: RestorePlan): string[] => {
  const beyond = stores.filter(({ store }) => {
    const own = ranges.filter((range) => range.store === store);
    return wanted.includes(store) && own.length > 0 && own.every(({ from }) => Date.parse(from) > at.getTime());
  });
  const isOther = into === null && point !== null && point.release !== null && release !== null && point.release !== release;
  return [
    ...beyond.map(({ store }) => `nothing of ${store} is known to be that old: see berth restore-points ${app}`),
    ...(isOther
      ? [
          `release ${point.release} served then, and release ${release} will find its data: if they do not fit, go back with both by berth rollback ${app} --to ${point.release} --with-data`,
        ]
      : []),
  ];
};
