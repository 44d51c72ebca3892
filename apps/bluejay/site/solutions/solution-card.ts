/** A solution in a list. */
import type { RecordOf } from '../../content/content-type.ts';
import type { Html } from '../../html/html.ts';
import { industry } from '../../types/industry.ts';
import { solution } from '../../types/solution.ts';
import { card } from '../parts/card.ts';
import type { PageContext } from '../site-frame.ts';

/** @param level of its title: 2 where the list has no heading of its own */
export const solutionCard = ({ view }: PageContext, record: RecordOf<typeof solution>, level: 2 | 3 = 3): Html => {
  const { fields } = record;
  const industries = view.findAll(industry, fields.industries).map((one) => one.fields.name);
  return card({
    title: fields.title,
    href: view.pathOf(solution, record),
    text: fields.shortDescription,
    icon: fields.icon,
    meta: fields.referenceCode,
    foot: industries.join(' · ') || undefined,
    level,
  });
};
