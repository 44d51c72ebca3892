/** A customer's story in a list. */
import type { RecordOf } from '../../../content/content-type.ts';
import type { Html } from '../../../html/html.ts';
import { caseStudy } from '../../../types/case-study.ts';
import { industry } from '../../../types/industry.ts';
import { card } from '../../parts/card.ts';
import { shorten } from '../../parts/shorten.ts';
import type { PageContext } from '../../site-frame.ts';

const CARD_SIZES = '(min-width: 64rem) 25rem, (min-width: 40rem) 45vw, 92vw';
const MOST_CHARACTERS = 200;

/** @param level of its title: 2 where the list has no heading of its own */
export const caseStudyCard = (context: PageContext, record: RecordOf<typeof caseStudy>, level: 2 | 3 = 3): Html => {
  const { view } = context;
  const { fields, children } = record;
  const kind = view.find(industry, fields.industry);
  const [first] = children.metrics;
  return card({
    title: fields.title,
    href: view.pathOf(caseStudy, record),
    text: shorten(fields.summary, MOST_CHARACTERS),
    picture: context.picture(fields.heroImage, { sizes: CARD_SIZES, alt: '' }),
    icon: kind?.fields.icon,
    badge: kind?.fields.name,
    meta: fields.clientName,
    foot: first && `${first.value} ${first.label}`,
    level,
  });
};
