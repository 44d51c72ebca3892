/** A whitepaper in a list. */
import type { RecordOf } from '../../../content/content-type.ts';
import { html, type Html } from '../../../html/html.ts';
import { whitepaper } from '../../../types/whitepaper.ts';
import { whitepaperTopic } from '../../../types/whitepaper-topic.ts';
import { card } from '../../parts/card.ts';
import { moment } from '../../parts/moment.ts';
import { shorten } from '../../parts/shorten.ts';
import type { PageContext } from '../../site-frame.ts';
import { drawnCover } from '../drawn-cover.ts';

export type Whitepaper = RecordOf<typeof whitepaper>;

const MOST_CHARACTERS = 160;

/** @param level of its title: 2 where the list has no heading of its own */
export const whitepaperCard = ({ view }: PageContext, record: Whitepaper, level: 2 | 3 = 3): Html =>
  card({
    title: record.fields.title,
    href: view.pathOf(whitepaper, record),
    text: shorten(record.fields.description, MOST_CHARACTERS),
    picture: coverOf(record),
    badge: view.find(whitepaperTopic, record.fields.topic)?.fields.name,
    foot: joined([pagesOf(record), moment(datedMs(record))]),
    level,
  });

export const coverOf = ({ id, fields }: Whitepaper): Html =>
  drawnCover({ name: `cover-${id}`, number: id, from: fields.coverColorFrom, to: fields.coverColorTo });

/** “24 pages”; nothing when nobody counted. */
export const pagesOf = ({ fields: { pageCount } }: Whitepaper): Html | undefined =>
  pageCount === null ? undefined : html`${pageCount === 1 ? '1 page' : `${pageCount} pages`}`;

/** The day on its title page, at midnight UTC. */
export const datedMs = ({ fields: { publishedDate } }: Whitepaper): number | null =>
  publishedDate === null ? null : Date.parse(`${publishedDate}T00:00:00Z`);

const joined = (parts: readonly (Html | undefined)[]): Html | undefined => {
  const said = parts.filter((one) => one !== undefined);
  return said.length === 0 ? undefined : html`${said.map((one, index) => html`${index > 0 && ' · '}${one}`)}`;
};
