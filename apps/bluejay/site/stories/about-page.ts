/** The company: what it is, what it wants, how it came here, and who is in it. */
import type { ContentView } from '../../content/content-view.ts';
import { html, type Html, safeLink } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { aboutSettings } from '../../types/about-settings.ts';
import { blogAuthor } from '../../types/blog-author.ts';
import { certification } from '../../types/certification.ts';
import { companyOverview } from '../../types/company-overview.ts';
import { coreValue } from '../../types/core-value.ts';
import { milestone } from '../../types/milestone.ts';
import { mission } from '../../types/mission.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { callBand } from '../parts/call-band.ts';
import { pageHead } from '../parts/page-head.ts';
import { section } from '../parts/section.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { organizationData } from '../structured.ts';

export const aboutPage = (context: PageContext): SitePage => {
  const { view } = context;
  const shown = view.single(aboutSettings).fields;
  const { id, fields } = view.single(companyOverview);
  const { siteName, aboutText } = view.single(siteSettings).fields;
  const headline = fields.headline || `About ${siteName}`;
  return {
    title: headline,
    description: fields.tagline || aboutText || undefined,
    image: fields.heroImage ?? fields.companyImage,
    structured: [{ '@type': 'AboutPage', url: `${context.origin}/about`, mainEntity: organizationData(context) }],
    breadcrumbs: [{ label: 'About', path: '/about' }],
    edit: { type: companyOverview.name, id },
    body: html`${pageHead({
      title: headline,
      label: siteName,
      text: fields.tagline || aboutText,
      picture: context.picture(fields.heroImage, { sizes: '(min-width: 64rem) 34rem, 92vw', eager: true }),
    })}
${overview(context)}
${shown.showMission && missionSection(view)}
${shown.showMission && values(view)}
${shown.showMilestones && timeline(view)}
${shown.showCertifications && certifications(view)}
${shown.showTeam && team(context)}
${callBand({
  heading: 'Come and see us, or write',
  primary: { text: 'Contact', link: '/contact' },
  secondary: { text: 'Our partners', link: '/partners' },
})}`,
  };
};

const overview = (context: PageContext): Html | undefined => {
  const { fields } = context.view.single(companyOverview);
  const texts = [fields.main, fields.secondary, fields.tertiary].flatMap(paragraphs);
  const picture = context.picture(fields.companyImage, { sizes: '(min-width: 64rem) 34rem, 92vw' });
  if (texts.length === 0 && picture.html === '') return undefined;
  return section({
    heading: 'Who we are',
    body: html`<div class="${picture.html === '' ? 'overview' : 'overview overview-split'}">
<div class="prose">${texts.map((text) => html`<p>${text}</p>`)}</div>
${picture.html !== '' && html`<div class="frame">${picture}</div>`}
</div>`,
  });
};

const missionSection = (view: ContentView): Html | undefined => {
  const { fields } = view.single(mission);
  const parts = [
    { heading: 'Mission', text: fields.mission, iconName: fields.missionIcon },
    { heading: 'Vision', text: fields.vision, iconName: fields.visionIcon },
    { heading: 'Values', text: fields.values, iconName: fields.valuesIcon },
  ].filter(({ text }) => text !== '');
  if (parts.length === 0) return undefined;
  return section({
    tone: 'primary',
    heading: 'What we want',
    body: html`<ul class="grid grid-3 wants">${parts.map(
      ({ heading, text, iconName }) =>
        html`<li><div class="want"><span class="card-icon">${icon(iconName)}</span><h3>${heading}</h3>${paragraphs(text).map((one) => html`<p>${one}</p>`)}</div></li>`,
    )}</ul>`,
  });
};

const values = (view: ContentView): Html | undefined => {
  const all = view.list(coreValue);
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ fields }) =>
      html`<li><span class="card-icon">${icon(fields.icon)}</span><div><h3>${fields.title}</h3><p>${fields.description}</p></div></li>`,
  );
  return section({ heading: 'What we hold to', body: html`<ul class="points">${items}</ul>` });
};

const timeline = (view: ContentView): Html | undefined => {
  const all = view.list(milestone);
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ fields }) =>
      html`<li${fields.isCurrent && html` class="is-current"`}><p class="timeline-year">${fields.year}${fields.isCurrent && html` <span class="badge">Now</span>`}</p>
<div><h3>${fields.title}</h3>${fields.description !== '' && html`<p>${fields.description}</p>`}</div></li>`,
  );
  return section({ tone: 'grey', heading: 'How we came here', body: html`<ol class="timeline">${items}</ol>` });
};

const certifications = (view: ContentView): Html | undefined => {
  const all = view.list(certification);
  if (all.length === 0) return undefined;
  const items = all.map(
    ({ fields }) =>
      html`<li><span class="card-icon">${icon(fields.icon)}</span><div><h3>${fields.name}${fields.abbreviation !== '' && html` <span class="badge">${fields.abbreviation}</span>`}</h3>${fields.description !== '' && html`<p>${fields.description}</p>`}</div></li>`,
  );
  return section({ heading: 'Certifications', body: html`<ul class="points">${items}</ul>` });
};

const team = (context: PageContext): Html | undefined => {
  const all = context.view.list(blogAuthor);
  if (all.length === 0) return undefined;
  const people = all.map(({ fields }) => {
    const picture = context.picture(fields.avatar, { sizes: '(min-width: 64rem) 18rem, 45vw', alt: '' });
    return html`<li><article class="card">
<div class="card-picture person-picture">${picture.html === '' ? html`<span aria-hidden="true">${initials(fields.name)}</span>` : picture}</div>
<div class="card-body"><h3 class="card-title">${fields.name}</h3><p class="card-meta">${fields.title}</p>
${fields.bio !== '' && html`<p class="card-text">${fields.bio}</p>`}
${fields.linkedin !== '' && html`<p class="card-foot"><a href="${safeLink(fields.linkedin)}" rel="noopener">${fields.name} on LinkedIn</a></p>`}</div>
</article></li>`;
  });
  return section({ tone: 'grey', heading: 'The team', body: html`<ul class="grid grid-4">${people}</ul>` });
};

/** Editors separate them by an empty line. */
const paragraphs = (text: string): readonly string[] =>
  text
    .split(/\n\s*\n/)
    .map((one) => one.trim())
    .filter((one) => one !== '');

const initials = (name: string): string => {
  const words = name.split(/\s+/).filter((word) => word !== '');
  const [first = '', last = ''] = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return [first, last].map((word) => [...word][0] ?? '').join('');
};
