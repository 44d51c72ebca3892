/** How a form is divided: the declared sections, then the child lists, then what search engines see. */
import type { ContentType } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { renderChildList } from './child-list-section.ts';
import { fieldSpot, type FormContext } from './form-context.ts';
import { renderField } from './form-field.ts';
import { renderSearchAppearance } from './search-appearance.ts';
import { renderSlug } from './slug-field.ts';

export type FormSection = { readonly id: string; readonly heading: string; readonly body: Html };

const FIRST_SECTION = 'Content';

/** @param where.address where its page is, for the preview */
export const formSections = (
  type: ContentType,
  context: FormContext,
  where: { readonly address: string; readonly isNew: boolean },
): readonly FormSection[] => {
  const sections: FormSection[] = [];
  for (const [heading, declared] of Map.groupBy(Object.entries(type.fields), ([, { section }]) => section ?? FIRST_SECTION)) {
    const slug = sections.length === 0 && type.slug !== undefined && renderSlug(type, type.slug, context, where);
    const fields = declared.map(([name, field]) => renderField(field, fieldSpot(name), context));
    sections.push({ id: `section-${sections.length}`, heading, body: html`${fields}${slug}` });
  }
  for (const [name, list] of Object.entries(type.children ?? {}))
    sections.push({ id: `section-${sections.length}`, heading: list.label, body: renderChildList(name, list, context) });
  if (type.seo === true)
    sections.push({
      id: `section-${sections.length}`,
      heading: 'Search engines',
      body: renderSearchAppearance(type, context, where.address),
    });
  return sections;
};
