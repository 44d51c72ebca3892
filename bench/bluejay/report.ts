/** The figures in words and tables. */
import { availableParallelism } from 'node:os';
import { median, renderTable } from '../results.ts';
import type { MemoryRun } from './memory.ts';
import { ENCODINGS, PAGES, type PagesRun, type Way } from './pages.ts';
import type { Times } from './panel.ts';

const WAYS: readonly Way[] = ['bare', 'kept, no log', 'kept', 'made anew'];

/** Who reads the figures has to know what else the machine did. */
export function describeLoad(load: number): string[] {
  if (load < availableParallelism() / 2) return [];
  return [
    `The machine did other work at the same time: its load was ${load.toFixed(1)} on ${availableParallelism()} cores when this began. Ratios hold, as what is compared took turns; times and pages per second would be better on a machine of its own.`,
  ];
}

export function describePages(runs: readonly PagesRun[], dose: { rounds: number; seconds: number }): string[] {
  if (runs.length === 0) return [];
  const of = (page: string, encoding: string, way: Way): readonly PagesRun[] =>
    runs.filter((run) => run.page === page && run.encoding === encoding && run.way === way);
  const rate = (page: string, encoding: string, way: Way): number =>
    median(of(page, encoding, way).map(({ requestsPerSecond }) => requestsPerSecond));
  const perCpu = (page: string, encoding: string, way: Way): number =>
    median(of(page, encoding, way).map(({ perCpuSecond }) => perCpuSecond));
  const pairs = Object.keys(PAGES).flatMap((page) => ENCODINGS.map((encoding) => [page, encoding] as const));
  const bytes = (page: string, encoding: string): number => of(page, encoding, 'kept')[0]?.bytes ?? 0;
  const ratios = (figure: typeof rate): string[][] =>
    pairs.map(([page, encoding]) => [
      `${page}, ${encoding}, ${(bytes(page, encoding) / 1_000).toFixed(1)} kB`,
      ...WAYS.slice(1).map((way) => (figure(page, encoding, way) / figure(page, encoding, 'bare')).toFixed(2)),
    ]);
  const absolute = pairs.flatMap(([page, encoding]) =>
    WAYS.map((way) => [
      `${page}, ${encoding}: ${way}`,
      Math.round(rate(page, encoding, way)),
      Math.round(perCpu(page, encoding, way)),
      median(of(page, encoding, way).map(({ p99Ms }) => p99Ms)).toFixed(1),
    ]),
  );
  return [
    `Pages, 64 keep-alive connections of wrk, medians of ${dose.rounds} rounds of ${dose.seconds} s taken in turn, over 10,000 products, without an edge in front. The peer is Fastify with one route that sends the same bytes with the same headers (ETag among them), and nothing else: no log, no metrics, no request id, no look into the database. \`kept\` is the app as it is deployed, with a line in its log and its metrics for every request; \`no log\` has LOG_LEVEL=warn. \`made anew\` has CACHE_MB=0 and LOG_LEVEL=warn: every request makes the page from the database, and compresses it where that is asked for. Client and server share the cores, so pages per second of the server's own CPU time say more than those per second.`,
    `Pages per CPU-second of the server, as a share of the peer's (higher is better):\n\n${renderTable(['', ...WAYS.slice(1)], ratios(perCpu))}`,
    `Pages per second, as a share of the peer's (higher is better):\n\n${renderTable(['', ...WAYS.slice(1)], ratios(rate))}`,
    `The figures themselves:\n\n${renderTable(['', 'pages/s', 'per CPU-second', 'p99 ms'], absolute)}`,
  ];
}

export function describeMemory(runs: readonly MemoryRun[]): string[] {
  if (runs.length === 0) return [];
  const rows = runs.map(({ what, pssMb }) => [what, pssMb]);
  return [
    `Memory of the process (PSS), each line after the one before, in a process of its own for the empty site. Products have 4 paragraphs of text and 12 rows of lists, and no pictures:\n\n${renderTable(['', 'MB'], rows)}`,
  ];
}

const renderTimes = (head: string, times: readonly Times[]): string =>
  renderTable(
    [head, 'times', 'p50 ms', 'p99 ms'],
    times.map(({ what, count, p50, p99 }) => [what, count, p50, p99]),
  );

export function describePanel({
  lists,
  saves,
}: {
  readonly lists: readonly Times[];
  readonly saves: readonly Times[];
}): string[] {
  if (lists.length === 0) return [];
  return [
    `The panel's list of 10,000 products, asked for by one editor, one after the other, until the last byte:\n\n${renderTimes('list', lists)}`,
    `From pressing the button of a product's form, with a page that was kept before. Nothing waits for a timer: a save drops the pages that show it, and another process asks the database with each request whether something was saved:\n\n${renderTimes('until', saves)}`,
  ];
}
