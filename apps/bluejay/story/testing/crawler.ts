/** Follows every link of a site, and says what is wrong with what it finds. */
import type { Page } from 'playwright-core';
import { findHtmlMistakes } from '../../site/testing/html-validator.ts';
import { type PageFacts, readPageFacts } from './page-facts.ts';

type Fetched = { readonly status: number; readonly type: string; readonly body: string };

export type Crawled = {
  /** Paths of pages, with their queries, that were answered with HTML. */
  readonly pages: ReadonlyMap<string, CrawledPage>;
  /** What was asked for besides: pictures, feeds, files. */
  readonly others: ReadonlySet<string>;
  /** One line for each. */
  readonly findings: readonly string[];
};

type CrawledPage = { readonly facts: PageFacts; readonly body: string };

type CrawlOptions = {
  /** Where it begins. */
  readonly from: readonly string[];
  readonly origin: string;
  fetch(path: string): Promise<Fetched>;
  /** False: the address is not asked for. */
  isAsked(path: string): boolean;
  /** Lends its parser. */
  readonly parser: Page;
  /** Findings of the validator that count; default: all. */
  isMistake?(text: string): boolean;
};

const AT_ONCE = 4;
/** A site that has no end would be a finding of its own. */
const MOST = 3_000;

export async function crawl(options: CrawlOptions): Promise<Crawled> {
  const { origin, from, parser, isAsked, isMistake = () => true } = options;
  const pages = new Map<string, CrawledPage>();
  const others = new Set<string>();
  const findings: string[] = [];
  const waiting = from.map((path) => ({ path, linkedBy: 'the start' }));
  const seen = new Set(from);
  const fragments: { readonly page: string; readonly path: string; readonly id: string }[] = [];

  const meet = (address: string, page: string, isLink: boolean): void => {
    if (!URL.canParse(address, origin + page)) {
      findings.push(`${page}: “${address}” is no address`);
      return;
    }
    const url = new URL(address, origin + page);
    if (url.origin !== origin) {
      if (!isLink && url.protocol !== 'data:') findings.push(`${page}: loads ${address} from elsewhere`);
      return;
    }
    const path = url.pathname + url.search;
    if (!isAsked(path)) return;
    if (url.hash.length > 1) fragments.push({ page, path, id: decodeURIComponent(url.hash.slice(1)) });
    if (seen.has(path)) return;
    if (seen.size >= MOST) throw new Error(`more than ${MOST} addresses, the last one: ${path}`);
    seen.add(path);
    waiting.push({ path, linkedBy: page });
  };
  const visit = async ({ path, linkedBy }: { readonly path: string; readonly linkedBy: string }): Promise<void> => {
    const { status, type, body } = await options.fetch(path);
    if (status !== 200) findings.push(`${path}: answered with ${status}, linked by ${linkedBy}`);
    if (status !== 200) return;
    if (!type.startsWith('text/html')) {
      others.add(path);
      return;
    }
    const facts = await readPageFacts(parser, body);
    pages.set(path, { facts, body });
    for (const address of facts.links) meet(address, path, true);
    for (const address of facts.loaded) meet(address, path, false);
    const mistakes = await findHtmlMistakes(body);
    findings.push(...[...mistakes.filter(isMistake), ...factFindings(facts)].map((text) => `${path}: ${text}`));
  };
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await visit(next);
  };
  // Workers end when nothing waits; what the others still find is taken up by new ones.
  while (waiting.length > 0) await Promise.all(Array.from({ length: AT_ONCE }, worker));
  for (const { page, path, id } of fragments) {
    const target = pages.get(path);
    if (target !== undefined && !target.facts.ids.includes(id)) findings.push(`${page}: nothing is called #${id} on ${path}`);
  }
  return { pages, others, findings: [...new Set(findings)] };
}

const factFindings = ({ headings, poorImages, structured, title, language }: PageFacts): readonly string[] => {
  const found = poorImages.map((image) => `a picture without size or alternative text: ${image}`);
  const first = headings.filter((level) => level === 1).length;
  if (first !== 1) found.push(`${first} headings of the first level`);
  for (const [index, level] of headings.entries())
    if (index > 0 && level > (headings[index - 1] ?? 0) + 1)
      found.push(`a heading of level ${level} after ${headings[index - 1]}`);
  if (title === '') found.push('no title');
  if (language === '') found.push('no language');
  for (const text of structured) if (!isStructured(text)) found.push(`JSON-LD that is none: ${text.slice(0, 200)}`);
  return found;
};

const isStructured = (text: string): boolean => {
  try {
    const data = JSON.parse(text) as { readonly '@context'?: unknown };
    return data['@context'] !== undefined;
  } catch {
    return false;
  }
};
