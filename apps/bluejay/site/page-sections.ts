/** Headings and texts that editors gave to the parts of pages. */
import type { ContentView } from '../content/content-view.ts';
import { pageSection } from '../types/page-section.ts';
import type { Html } from '../html/html.ts';
import { callBand } from './parts/call-band.ts';
import type { Link } from './parts/button.ts';

export type SectionTexts = {
  readonly heading: string;
  readonly label: string;
  readonly text: string;
  readonly description: string;
  readonly primary: Link;
  readonly secondary: Link;
};

/**
 * @param key `home.products`
 * @param words what stands for `{product_name}` and the like
 * @returns undefined when editors switched it off
 */
export const sectionTexts = (
  view: ContentView,
  key: string,
  words: Readonly<Record<string, string>> = {},
): SectionTexts | undefined => {
  const [record] = view.list(pageSection, { where: { key }, limit: 1 });
  if (record === undefined || !record.fields.isActive) return undefined;
  const { fields } = record;
  const said = (text: string): string => fill(text, words, (word) => word);
  const led = (link: string): string => fill(link, words, encodeURIComponent);
  return {
    heading: said(fields.heading),
    label: said(fields.label),
    text: said(fields.subheading),
    description: said(fields.description),
    primary: { text: said(fields.primaryText), link: led(fields.primaryLink) },
    secondary: { text: said(fields.secondaryText), link: led(fields.secondaryLink) },
  };
};

/** The call to action of a page; nothing when editors switched it off. */
export const sectionCall = (view: ContentView, key: string, words: Readonly<Record<string, string>> = {}): Html | undefined => {
  const texts = sectionTexts(view, key, words);
  if (texts === undefined || texts.heading === '') return undefined;
  return callBand({ ...texts, text: texts.text === '' ? texts.description : texts.text });
};

const fill = (text: string, words: Readonly<Record<string, string>>, as: (word: string) => string): string =>
  text.replaceAll(/\{([a-z_]+)\}/g, (whole, name: string) => {
    const word = words[name];
    return word === undefined ? whole : as(word);
  });
