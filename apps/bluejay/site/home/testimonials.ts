/** What customers say, with stars. */
import { html, type Html } from '../../html/html.ts';
import { homepageSettings } from '../../types/homepage-settings.ts';
import { homepageTestimonial } from '../../types/homepage-testimonial.ts';
import { sectionTexts } from '../page-sections.ts';
import { section } from '../parts/section.ts';
import { stars } from '../parts/stars.ts';
import type { PageContext } from '../site-frame.ts';

/** Nothing when they are switched off, or when there are none. */
export const testimonials = (context: PageContext): Html | undefined => {
  const { view } = context;
  const { fields } = view.single(homepageSettings);
  const texts = sectionTexts(view, 'home.testimonials');
  if (!fields.showTestimonials || texts === undefined) return undefined;
  const all = view.list(homepageTestimonial, { where: { isActive: true }, limit: fields.maxTestimonials ?? 3 });
  if (all.length === 0) return undefined;
  const quotes = all.map(({ fields: said }) => {
    const portrait = context.picture(said.authorImage, { sizes: '3.5rem', alt: '', class: 'portrait' });
    const position = [said.authorTitle, said.authorCompany].filter(Boolean).join(', ');
    return html`<li><figure class="quote">
${stars(said.rating ?? 5)}
<blockquote><p>${said.quote}</p></blockquote>
<figcaption>${portrait}<span><strong>${said.authorName}</strong>${position !== '' && html`<span class="small">${position}</span>`}</span></figcaption>
</figure></li>`;
  });
  return section({ ...texts, tone: 'grey', action: texts.primary, body: html`<ul class="grid grid-3">${quotes}</ul>` });
};
