/** What the data of an app can go back to. */
import { formatMoment, type Reader } from '@berth/core';
import type { RestorePoint, RestoreRange, TimeLine } from '@berth/protocol';
import { count } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style' | 'width'>;

export const renderTimeLine = ({ app, points, ranges, unreachable }: TimeLine, reader: Reader, sheet: Sheet): string[] => {
  const { style } = sheet;
  const missing = unreachable.map(
    ({ target, reason }) => `${style.yellow('Warning:')} ${target} did not answer, what it holds is not listed: ${reason}`,
  );
  if (points.length === 0 && ranges.length === 0) return [`${app} has nothing to go back to yet`, ...missing];
  return [
    ...renderRanges(ranges, reader, sheet),
    ...(points.length > 0 && ranges.length > 0 ? [''] : []),
    ...renderPoints(points, reader, sheet),
    ...(missing.length > 0 ? ['', ...missing] : []),
    '',
    ...renderWays(app, points, ranges, reader).map((line) => style.dim(style.hint(line))),
  ];
};

const renderRanges = (ranges: readonly RestoreRange[], reader: Reader, sheet: Sheet): string[] =>
  ranges.length === 0
    ? []
    : renderTable(
        {
          head: ['STORE', 'TARGET', 'CAN COME BACK'],
          rows: joinRanges(ranges).map((range) => [range.store, range.target, describeRange(range, reader)]),
        },
        sheet,
      );

/**
 * A restore begins a new stretch where the last one ended, and one in which nothing was written yet is a single state: to a
 * reader it is all one. Whatever lies between two that are joined, the state at the end of the first was the state.
 */
export const joinRanges = (ranges: readonly RestoreRange[]): RestoreRange[] => {
  const joined: RestoreRange[] = [];
  for (const range of ranges.toSorted((a, b) => Date.parse(a.from) - Date.parse(b.from))) {
    const last = joined.findLastIndex(({ store, target }) => store === range.store && target === range.target);
    const before = joined[last];
    if (before === undefined || !continues(before, range)) joined.push(range);
    else joined[last] = { ...before, to: range.to > before.to ? range.to : before.to };
  }
  const order = [...new Set(ranges.map(nameOf))];
  return joined.toSorted((a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b)));
};

const nameOf = ({ store, target }: RestoreRange): string => `${store} ${target}`;

const continues = (before: RestoreRange, next: RestoreRange): boolean =>
  before.resolution === 'every-change' &&
  (next.resolution === 'every-change' || next.states === 1) &&
  Date.parse(next.from) - Date.parse(before.to) <= STILL_GOING_MS;

/** What is not older than this is now, to a reader; what is, has stopped. */
export const STILL_GOING_MS = 2 * 60_000;

export const describeRange = ({ from, to, resolution, states }: RestoreRange, reader: Reader): string => {
  // The whole second that is in it: earlier ones of a range that ends are not.
  const [first, last] = [formatMoment(secondAfter(from), reader), formatSecond(to, reader)];
  if (resolution === 'every-change') {
    const goesOn = reader.now.getTime() - Date.parse(to) < STILL_GOING_MS;
    return goesOn ? `every second since ${first}` : `every second from ${first} to ${last}`;
  }
  if (states === 1) return `1 state, of ${last}`;
  return `${states === null ? 'states' : `${count(states)} states`} since ${first}, the newest of ${last}`;
};

const renderPoints = (points: readonly RestorePoint[], reader: Reader, sheet: Sheet): string[] =>
  points.length === 0
    ? []
    : renderTable(
        {
          head: ['POINT', 'WHEN', 'TAKEN', 'RELEASE', 'STORES', 'LABEL'],
          rows: points.map(({ point, at, kind, release, stores, label }) => [
            sheet.style.bold(point),
            formatSecond(at, reader),
            TAKEN[kind],
            String(release ?? '-'),
            stores.join(', '),
            label ?? '',
          ]),
          right: [3],
        },
        sheet,
      );

export const TAKEN: Readonly<Record<RestorePoint['kind'], string>> = {
  deploy: 'before a deploy',
  rollback: 'before a rollback',
  restore: 'before a restore',
  configure: 'before new settings',
  start: 'before a start',
  manual: 'by hand',
  schedule: 'by schedule',
};

/** Nobody reads milliseconds in a table; a point is asked for by its name. */
export const formatSecond = (at: string, reader: Reader): string =>
  formatMoment(new Date(Math.floor(Date.parse(at) / 1_000) * 1_000), reader);

const secondAfter = (at: string): Date => new Date(Math.ceil(Date.parse(at) / 1_000) * 1_000);

/** Lines that work as they are printed, of what is there. */
const renderWays = (app: string, points: readonly RestorePoint[], ranges: readonly RestoreRange[], reader: Reader): string[] => {
  const [point] = points;
  const range = ranges.find(({ resolution }) => resolution === 'every-change') ?? ranges[0];
  const moment = point ? formatSecond(point.at, reader) : range ? formatMoment(secondAfter(range.from), reader) : null;
  // Without zone and age, as people write it here.
  const written = moment === null ? null : moment.replace(/ \S+ \(.*$/, '');
  const ways = [
    ...(point ? [`berth restore ${app} --to ${point.point}`] : []),
    ...(written === null ? [] : [`berth restore ${app} --at "${written}"`]),
  ];
  return ways.map((way, index) => `${index === 0 ? 'to go back:' : '        or:'}  ${way}`);
};
