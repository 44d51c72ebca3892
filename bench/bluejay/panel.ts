/** What editors wait for: lists of many records, and the moment in which visitors see what was saved. */
import type { PanelClient } from '../../apps/bluejay/testing/panel-client.ts';
import { PAGES } from './pages.ts';
import { copyOf, Site } from './site.ts';

export type PanelDose = { readonly lists: number; readonly saves: number };
/** Milliseconds, of so many. */
export type Times = { readonly what: string; readonly count: number; readonly p50: number; readonly p99: number };

/** Its page is that of `PAGES`. */
const FIRST_PRODUCT = 1;

const LISTS = {
  'first page': '/admin/products',
  'page 300': '/admin/products?page=300',
  'search for a word': '/admin/products?q=Product+77',
  'one category': '/admin/products?field.category=3',
  'sorted by SKU': '/admin/products?sort=sku&dir=desc',
} as const;

export async function measurePanel({ lists, saves }: PanelDose, data: string): Promise<{ lists: Times[]; saves: Times[] }> {
  // Saves change what the next run would find.
  const own = copyOf(data);
  await using site = await Site.start({ data: own });
  await using other = await Site.start({ data: own });
  using panel = await site.panel();
  const taken: Times[] = [];
  for (const [what, path] of Object.entries(LISTS)) {
    const times: number[] = [];
    for (let turn = 0; turn < lists; turn += 1) times.push(await timeOf(() => panel.page(path)));
    taken.push(summary(what, times));
  }
  return { lists: taken, saves: await measureSaves(saves, { site, other, panel }) };
}

/** The form is there already; from pressing the button until the page with the new text is there. */
async function measureSaves(
  count: number,
  { site, other, panel }: { site: Site; other: Site; panel: PanelClient },
): Promise<Times[]> {
  using here = site.visitor();
  using elsewhere = other.visitor();
  const saved: number[] = [];
  const served: Readonly<Record<'same' | 'other', number[]>> = { same: [], other: [] };
  for (let turn = 0; turn < count; turn += 1) {
    const mark = `mark ${turn}.`;
    // Both keep the old page.
    for (const visitor of [here, elsewhere]) await visitor.page(PAGES.product);
    const prepared = await panel.prepareChange('products', FIRST_PRODUCT, { 'field.tagline': mark, status: 'published' });
    const who = turn % 2 === 0 ? 'same' : 'other';
    const began = performance.now();
    await prepared();
    saved.push(performance.now() - began);
    const visitor = who === 'same' ? here : elsewhere;
    while (!(await visitor.page(PAGES.product)).includes(mark))
      if (performance.now() - began > 10_000) throw new Error('visitors never saw what was saved');
    served[who].push(performance.now() - began);
  }
  return [
    summary('save answered', saved),
    summary('save answered and the new page received', served.same),
    summary('the same, from another process over the same database', served.other),
  ];
}

async function timeOf(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}

const summary = (what: string, times: readonly number[]): Times => {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN) * 10) / 10;
  return { what, count: times.length, p50: at(0.5), p99: at(0.99) };
};
