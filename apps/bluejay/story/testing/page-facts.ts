/** What a page consists of, read by a browser's own parser, without the page being opened: no script runs, nothing is loaded. */
import type { Page } from 'playwright-core';

export type PageFacts = {
  readonly title: string;
  readonly language: string;
  /** Levels, in the order of the page. */
  readonly headings: readonly number[];
  /** `href` of links as they are written. */
  readonly links: readonly string[];
  /** What the page loads: pictures in all sizes, styles, scripts, icons. */
  readonly loaded: readonly string[];
  readonly ids: readonly string[];
  /** Pictures that lack a size or an alternative text. */
  readonly poorImages: readonly string[];
  readonly structured: readonly string[];
  readonly description: string;
  readonly canonical: string;
};

/** @param parser any page that is open: it only lends its parser */
export const readPageFacts = (parser: Page, text: string): Promise<PageFacts> =>
  parser.evaluate<PageFacts>(`(${READ})(${JSON.stringify(text)})`);

const READ = `(text) => {
  const page = new DOMParser().parseFromString(text, 'text/html');
  const all = (selector) => [...page.querySelectorAll(selector)];
  const values = (selector, name) => all(selector).map((element) => element.getAttribute(name)).filter((value) => value !== null);
  const sizes = values('[srcset]', 'srcset').flatMap((set) => set.split(',').map((one) => one.trim().split(/\\s/)[0]));
  return {
    title: page.title,
    language: page.documentElement.lang,
    headings: all('h1, h2, h3, h4, h5, h6').map(({ localName }) => Number(localName.slice(1))),
    links: values('a[href], area[href]', 'href'),
    loaded: [...values('[src]', 'src'), ...sizes, ...values('link[rel="stylesheet"], link[rel="icon"], link[rel~="alternate"]', 'href')],
    ids: values('[id]', 'id'),
    poorImages: all('img').filter((image) => !['alt', 'width', 'height'].every((name) => image.hasAttribute(name))).map(({ outerHTML }) => outerHTML),
    structured: all('script[type="application/ld+json"]').map(({ textContent }) => textContent),
    description: page.querySelector('meta[name="description"]')?.getAttribute('content') ?? '',
    canonical: page.querySelector('link[rel="canonical"]')?.getAttribute('href') ?? '',
  };
}`;
