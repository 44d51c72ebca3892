import { median, renderTable } from '../results.ts';
import type { Dose, Results, Run } from './parts.ts';

type Measured = {
  readonly dose: Dose;
  readonly peer: string;
  readonly nobody: Results;
  readonly ofPeer: Results;
  readonly ours: Results;
};
type Value = number | null | undefined;
type Row = {
  readonly measure: string;
  readonly unit: string;
  readonly of: (results: Results) => Value;
  /** What is wanted, as a bound; `ofNobody` makes it a share of what there is without any follower. */
  readonly bar: { readonly atMost?: number; readonly atLeast?: number; readonly ofNobody?: boolean } | null;
};

const perSecond = (run: Run | null): Value => run && run.writer.commits / run.writer.seconds;
const percent = (share: Value): Value => (typeof share === 'number' ? share * 100 : share);

/** The bars were set with a database of 1.2 GB, and hold for 1 GB; a smaller dose makes them easy. */
const rows: readonly Row[] = [
  {
    measure: 'lost when both are killed, median',
    unit: 'ms',
    of: ({ loss }) => loss && median(loss.lostMs),
    bar: { atMost: 150 },
  },
  {
    measure: 'lost when both are killed, worst',
    unit: 'ms',
    of: ({ loss }) => loss && Math.max(...loss.lostMs),
    bar: { atMost: 300 },
  },
  { measure: 'copies of everything over these kills', unit: '', of: ({ loss }) => loss?.snapshots, bar: { atMost: 1 } },
  {
    measure: 'full speed: commits',
    unit: '/s',
    of: ({ fullSpeed }) => perSecond(fullSpeed),
    bar: { atLeast: 0.81, ofNobody: true },
  },
  { measure: 'full speed: worst commit', unit: 'ms', of: ({ fullSpeed }) => fullSpeed?.writer.worstMs, bar: { atMost: 500 } },
  {
    measure: 'full speed: log at its largest',
    unit: 'MB',
    of: ({ fullSpeed }) => fullSpeed?.follower.logPeakMB,
    bar: { atMost: 256 },
  },
  {
    measure: 'full speed: restore of all of it',
    unit: 's',
    of: ({ fullSpeed }) => fullSpeed?.restoreSeconds,
    bar: { atMost: 3 },
  },
  { measure: '200/s: from commit to safe, p50', unit: 'ms', of: ({ paced }) => paced?.delay?.p50, bar: { atMost: 500 } },
  { measure: '200/s: from commit to safe, p99', unit: 'ms', of: ({ paced }) => paced?.delay?.p99, bar: { atMost: 1000 } },
  { measure: '200/s: commit p99', unit: 'ms', of: ({ paced }) => paced?.writer.p99Ms, bar: null },
  { measure: '200/s: worst commit', unit: 'ms', of: ({ paced }) => paced?.writer.worstMs, bar: null },
  {
    measure: '200/s: requests of the target a second',
    unit: '',
    of: ({ paced }) => paced && paced.requests && paced.requests / paced.writer.seconds,
    bar: null,
  },
  { measure: '200/s: processor', unit: '%', of: ({ paced }) => percent(paced?.follower.cpuShare), bar: { atMost: 4 } },
  { measure: '200/s: memory at its largest', unit: 'MB', of: ({ paced }) => paced?.follower.peakMB, bar: { atMost: 90 } },
  { measure: '200/s: log at its largest', unit: 'MB', of: ({ paced }) => paced?.follower.logPeakMB, bar: { atMost: 16 } },
  { measure: 'large: first copy', unit: 's', of: ({ large }) => large?.copy?.firstSeconds, bar: { atMost: 10 } },
  {
    measure: 'large: processor for the first copy',
    unit: 's',
    of: ({ large }) => large?.copy?.firstCpuSeconds,
    bar: { atMost: 10 },
  },
  { measure: 'large, 200/s: commit p99', unit: 'ms', of: ({ large }) => large?.writer.p99Ms, bar: { atMost: 2.5 } },
  { measure: 'large, 200/s: worst commit', unit: 'ms', of: ({ large }) => large?.writer.worstMs, bar: null },
  { measure: 'large, 200/s: processor', unit: '%', of: ({ large }) => percent(large?.follower.cpuShare), bar: { atMost: 8 } },
  { measure: 'large, 200/s: memory at its largest', unit: 'MB', of: ({ large }) => large?.follower.peakMB, bar: { atMost: 120 } },
  { measure: 'large: shipped', unit: 'MB', of: ({ large }) => large?.copy?.storedMB, bar: null },
  { measure: 'large: restore', unit: 's', of: ({ large }) => large?.copy?.restoreSeconds, bar: { atMost: 6 } },
  {
    measure: 'application truncates: commits of a writer',
    unit: '',
    of: ({ truncating }) => truncating?.writer.commits,
    bar: { atLeast: 0.84, ofNobody: true },
  },
  {
    measure: 'application truncates: worst commit',
    unit: 'ms',
    of: ({ truncating }) => truncating?.writer.worstMs,
    bar: { atMost: 100 },
  },
  {
    measure: 'application truncates: that succeeded',
    unit: '%',
    of: ({ truncating }) => truncating && percent(truncating.writer.truncations.done / truncating.writer.truncations.tried),
    bar: { atLeast: 100 },
  },
  { measure: 'idle: processor', unit: '%', of: ({ idle }) => percent(idle?.cpuShare), bar: { atMost: 0.5 } },
  { measure: 'idle: memory', unit: 'MB', of: ({ idle }) => idle?.peakMB, bar: { atMost: 90 } },
];

export function renderResults({ dose, peer, nobody, ofPeer, ours }: Measured): string[] {
  const measured = rows.filter(({ of }) => typeof of(ours) === 'number');
  const cells = measured.map((row) => {
    const [without, other, own] = [row.of(nobody), row.of(ofPeer), row.of(ours)];
    const measure = row.unit === '' ? row.measure : `${row.measure}, ${row.unit}`;
    const ratio = typeof other === 'number' && typeof own === 'number' && other > 0 ? (own / other).toFixed(2) : '-';
    const bar = barOf(row, without);
    return [
      measure,
      show(without),
      show(other),
      show(own),
      ratio,
      bar.text,
      bar.isMetBy(own) ? 'yes' : bar.text === '-' ? '-' : 'NO',
    ];
  });
  return [
    `One writer, \`synchronous = NORMAL\`, one small row per commit; the large database has ${dose.largeMB} MB, of which random rows are updated for ${dose.largeSeconds} s before it is restored and compared. Kills: ${dose.kills}, of application and follower at the same moment, at 200 commits a second; what is lost is the time between the last row of the original and that of the restored. The target is a directory on the same disk. From commit to safe is read from the objects at the target: the moment when the one with that transaction got its name. Memory is PSS. \`ours / peer\` below 1 is less.`,
    renderTable(['measure', 'nobody follows', peer, 'ours', 'ours / peer', 'bar', 'met'], cells),
  ];
}

function barOf({ bar }: Row, nobody: Value): { readonly text: string; readonly isMetBy: (value: Value) => boolean } {
  if (bar === null) return { text: '-', isMetBy: () => false };
  const scale = bar.ofNobody === true ? (nobody ?? 0) : 1;
  const { atMost, atLeast } = bar;
  if (atMost !== undefined)
    return { text: `<= ${show(atMost * scale)}`, isMetBy: (value) => typeof value === 'number' && value <= atMost * scale };
  const least = (atLeast ?? 0) * scale;
  return { text: `>= ${show(least)}`, isMetBy: (value) => typeof value === 'number' && value >= least };
}

function show(value: Value): string {
  if (typeof value !== 'number' || Number.isNaN(value)) return '-';
  return value >= 100 || Number.isInteger(value) ? String(Math.round(value)) : value.toFixed(value >= 10 ? 1 : 2);
}
