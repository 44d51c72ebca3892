/** Loaded into the replicator before its own program, `--import large-memory.ts?file=PATH`: writes what memory it has used at most. */
import { writeFileSync } from 'node:fs';

export type PeakMemory = { readonly rss: number; readonly heapUsed: number; readonly external: number };

const file = new URL(import.meta.url).searchParams.get('file') ?? '';
let peak: PeakMemory = { rss: 0, heapUsed: 0, external: 0 };
setInterval(() => {
  const { rss, heapUsed, external } = process.memoryUsage();
  peak = {
    rss: Math.max(peak.rss, rss),
    heapUsed: Math.max(peak.heapUsed, heapUsed),
    external: Math.max(peak.external, external),
  };
  writeFileSync(file, JSON.stringify(peak));
}, 250).unref();
