/** The first thing on the front page. */
import type { RecordOf } from '../../content/content-type.ts';
import { html, type Html } from '../../html/html.ts';
import { homepageHero } from '../../types/homepage-hero.ts';
import { homepageSettings } from '../../types/homepage-settings.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { buttons } from '../parts/button.ts';
import { carousel } from '../parts/carousel.ts';
import type { PageContext } from '../site-frame.ts';

export const heroes = (context: PageContext): Html => {
  const { view } = context;
  const { fields } = view.single(homepageSettings);
  const shown = fields.showHeroes ? view.list(homepageHero, { where: { isActive: true }, limit: fields.maxHeroes ?? 5 }) : [];
  const slides = shown.map((record, index) => ({ label: record.fields.headline, body: hero(context, record, index === 0) }));
  const intervalSec = fields.autoplay ? (fields.intervalSec ?? 5) : undefined;
  return carousel({ name: 'What matters now', id: 'hero', slides, intervalSec, class: 'heroes' }) ?? nameOfSite(context);
};

/** The first headline is the page's. */
const hero = (context: PageContext, { fields }: RecordOf<typeof homepageHero>, isFirst: boolean): Html => {
  const picture = context.picture(fields.background, { sizes: '(min-width: 64rem) 46vw, 100vw', eager: isFirst, alt: '' });
  const hasPicture = picture.html !== '';
  return html`<div class="hero${hasPicture ? ' hero-split' : ''}"><div class="wide">
<div class="hero-text">
${fields.badge !== '' && html`<p class="badge">${fields.badge}</p>`}
${isFirst ? html`<h1 class="display">${fields.headline}</h1>` : html`<h2 class="display">${fields.headline}</h2>`}
<p class="lead">${fields.subheadline}</p>
${buttons({ text: fields.primaryText, link: fields.primaryLink }, { text: fields.secondaryText, link: fields.secondaryLink })}
</div>
${hasPicture && html`<div class="frame">${picture}</div>`}
</div></div>`;
};

/** Without a hero, the page still says whose it is. */
const nameOfSite = ({ view }: PageContext): Html => {
  const { fields } = view.single(siteSettings);
  return html`<div class="hero"><div class="wide"><div class="hero-text"><h1 class="display">${fields.siteName}</h1>
${fields.siteTagline !== '' && html`<p class="lead">${fields.siteTagline}</p>`}</div></div></div>`;
};
