/** Pages per second: kept, made anew for each visitor, and the same bytes from a Fastify that does nothing else. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Measurement, parseMeasurement } from '../edge/wrk.ts';
import { freePorts } from '../ports.ts';
import { cpuSeconds } from '../process-tree.ts';
import { answers, Program } from '../program.ts';
import type { BarePage } from './bare-server.ts';
import { Site } from './site.ts';

export type PagesDose = { readonly rounds: number; readonly seconds: number };
export type Way = 'bare' | 'kept' | 'kept, no log' | 'made anew';
export type PagesRun = Measurement & {
  readonly page: string;
  readonly encoding: string;
  readonly way: Way;
  readonly round: number;
  readonly bytes: number;
  readonly perCpuSecond: number;
};

export const PAGES = { 'front page': '/', product: '/products/category-2/product-1' } as const;
/** What a program asks for that says nothing, and what browsers ask for. */
export const ENCODINGS = ['identity', 'br'] as const;
const run = promisify(execFile);

/** Turn and turn about, so that what else happens on the machine meets all alike. */
export async function measurePages(
  { rounds, seconds }: PagesDose,
  parts: { scratch: string; data: string },
): Promise<PagesRun[]> {
  await using kept = await Site.start({ data: parts.data });
  await using quiet = await Site.start({ data: parts.data, logLevel: 'warn' });
  await using anew = await Site.start({ data: parts.data, logLevel: 'warn', cacheMb: 0 });
  const runs: PagesRun[] = [];
  for (const encoding of ENCODINGS) {
    const pages = await Promise.all(Object.values(PAGES).map((path) => fetchPage(kept, path, encoding)));
    await using bare = await startBare(parts.scratch, pages);
    const servers: Readonly<Record<Way, Server>> = { bare, kept, 'kept, no log': quiet, 'made anew': anew };
    for (const [page, path] of Object.entries(PAGES)) {
      const bytes = Buffer.from(pages.find((one) => one.path === path)?.body ?? '', 'base64').length;
      for (const { port } of Object.values(servers)) await load({ port, path, encoding, seconds: 1 });
      for (let round = 1; round <= rounds; round += 1)
        for (const [way, { port, pid }] of Object.entries(servers) as [Way, Server][]) {
          const before = cpuSeconds([pid]);
          const measured = await load({ port, path, encoding, seconds });
          const perCpuSecond = measured.requests / (cpuSeconds([pid]) - before);
          runs.push({ ...measured, page, encoding, way, round, bytes, perCpuSecond });
          const figures = `${Math.round(measured.requestsPerSecond)}/s, ${Math.round(perCpuSecond)} per CPU-second, p99 ${measured.p99Ms} ms`;
          process.stderr.write(`${page}, ${encoding}, round ${round}, ${way}: ${figures}\n`);
        }
    }
  }
  return runs;
}

type Server = { readonly port: number; readonly pid: number };

/** 64 keep-alive connections from one thread. */
async function load(what: { port: number; path: string; encoding: string; seconds: number }): Promise<Measurement> {
  const { port, path, encoding, seconds } = what;
  const args = [
    '-t1',
    '-c64',
    `-d${seconds}s`,
    '--latency',
    // On a busy machine an answer may take longer than the two seconds that wrk waits.
    '--timeout',
    '30s',
    '-H',
    `Accept-Encoding: ${encoding}`,
    // As an edge sends it.
    '-H',
    'X-Request-Id: 0123456789abcdef',
    `http://127.0.0.1:${port}${path}`,
  ];
  const { stdout } = await run('wrk', args, { timeout: (seconds + 30) * 1_000 });
  return parseMeasurement(stdout);
}

/** Hop by hop, or different each time: the server adds them itself. */
const OWN_HEADERS = new Set(['connection', 'keep-alive', 'date', 'content-length', 'transfer-encoding']);

async function fetchPage(site: Site, path: string, encoding: string): Promise<BarePage> {
  using visitor = site.visitor();
  const { status, headers, bytes } = await visitor.send(path, { headers: { 'accept-encoding': encoding } });
  if (status !== 200) throw new Error(`${path} was answered with ${status}`);
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.has(name));
  return {
    path,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    body: bytes.toString('base64'),
  };
}

async function startBare(scratch: string, pages: readonly BarePage[]): Promise<AsyncDisposable & Server> {
  const [port = 0] = await freePorts(1);
  const file = join(scratch, 'pages.json');
  writeFileSync(file, JSON.stringify(pages));
  const program = new Program([process.execPath, join(import.meta.dirname, 'bare-server.ts'), file], {
    env: { PORT: String(port), NODE_ENV: 'production' },
    logFile: join(scratch, 'bare.log'),
  });
  await program.until(() => answers(port));
  return { port, pid: program.pid, [Symbol.asyncDispose]: () => program[Symbol.asyncDispose]() };
}
