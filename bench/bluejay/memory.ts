/** What the process takes: with nothing in it, with a large catalogue, and when every page of that was asked for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { pssBytes } from '../process-tree.ts';
import { makeCatalogue, Site } from './site.ts';

export type MemoryDose = { readonly settleMs: number; readonly visited: number };
export type MemoryRun = { readonly what: string; readonly pssMb: number };

export async function measureMemory(
  dose: MemoryDose,
  parts: { scratch: string; data: string; products: number },
): Promise<MemoryRun[]> {
  const runs: MemoryRun[] = [];
  const look = async (what: string, site: Site): Promise<void> => {
    // Memory of what was just done is given back in the meantime.
    await sleep(dose.settleMs);
    runs.push({ what, pssMb: Math.round(pssBytes(site.pid) / 2 ** 20) });
    process.stderr.write(`memory: ${JSON.stringify(runs.at(-1))}\n`);
  };
  {
    await using site = await Site.start({ data: await makeCatalogue(parts.scratch, 0) });
    using visitor = site.visitor();
    await visitor.page('/');
    await look('empty site, front page asked for', site);
  }
  await using site = await Site.start({ data: parts.data });
  using visitor = site.visitor();
  await visitor.page('/');
  await look(`${parts.products} products, front page asked for`, site);
  for (let product = 1; product <= dose.visited; product += 1)
    await visitor.page(`/products/category-${(product % 20) + 1}/product-${product}`);
  await look(`pages of ${dose.visited} products asked for, with CACHE_MB=32`, site);
  using panel = await site.panel();
  for (let page = 1; page <= 100; page += 1) await panel.page(`/admin/products?page=${page}`);
  await look('100 pages of the list in the panel as well', site);
  return runs;
}
