/**
 * Bluejay beside a bare Fastify that sends the same bytes: pages per second, memory with 10,000 products, lists in the panel, and
 * how soon visitors see what was saved. `node bench/bluejay/main.ts [--dose small] [--part pages|memory|panel]`
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { describeMachine } from '../machine.ts';
import { reportResults } from '../results.ts';
import { measureMemory, type MemoryDose } from './memory.ts';
import { measurePages, type PagesDose } from './pages.ts';
import { measurePanel, type PanelDose } from './panel.ts';
import { describeLoad, describeMemory, describePages, describePanel } from './report.ts';
import { makeCatalogue } from './site.ts';

type Dose = { readonly pages: PagesDose; readonly memory: MemoryDose; readonly panel: PanelDose };

const PRODUCTS = 10_000;
const doses: Readonly<Record<'full' | 'small', Dose>> = {
  full: {
    pages: { rounds: 3, seconds: 4 },
    memory: { settleMs: 5_000, visited: PRODUCTS },
    panel: { lists: 200, saves: 200 },
  },
  small: {
    pages: { rounds: 1, seconds: 2 },
    memory: { settleMs: 1_000, visited: 500 },
    panel: { lists: 20, saves: 20 },
  },
};

const { values } = parseArgs({ options: { dose: { type: 'string', default: 'full' }, part: { type: 'string' } } });
const dose = doses[values.dose === 'small' ? 'small' : 'full'];
/** Of the minute before. */
const [load = 0] = loadavg();
const scratch = mkdtempSync(join(tmpdir(), 'berth-bench-bluejay-'));
try {
  const wanted = (part: keyof Dose): boolean => values.part === undefined || values.part === part;
  const data = await makeCatalogue(scratch, PRODUCTS);
  const pages = wanted('pages') ? await measurePages(dose.pages, { scratch, data }) : [];
  const memory = wanted('memory') ? await measureMemory(dose.memory, { scratch, data, products: PRODUCTS }) : [];
  const panel = wanted('panel') ? await measurePanel(dose.panel, data) : { lists: [], saves: [] };
  reportResults('bluejay', {
    title: 'Bluejay',
    machine: describeMachine(['wrk']),
    sections: [...describeLoad(load), ...describePages(pages, dose.pages), ...describeMemory(memory), ...describePanel(panel)],
    keep: values.dose === 'full' && values.part === undefined,
    data: { dose, load, pages, memory, panel },
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
