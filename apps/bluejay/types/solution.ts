import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const solution = defineContentType({
  name: 'solution',
  table: 'solutions',
  label: { one: 'Solution', many: 'Solutions' },
  kind: 'collection',
  admin: { path: 'solutions', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    icon: { kind: 'icon', label: 'Icon', required: true, default: 'hub' },
    shortDescription: { kind: 'textarea', label: 'Short description', required: true, max: 500 },
    referenceCode: { kind: 'text', label: 'Reference code', max: 64, column: true },
    industries: { kind: 'references', label: 'Industries', to: 'industry', max: 20 },
    heroImage: { kind: 'image', label: 'Picture', section: 'Head of the page' },
    heroTitle: { kind: 'text', label: 'Headline', section: 'Head of the page' },
    heroDescription: { kind: 'textarea', label: 'Text', max: 1_000, section: 'Head of the page' },
    overview: { kind: 'richText', label: 'Overview' },
    products: { kind: 'references', label: 'Products', to: 'product', max: 24, section: 'Products' },
  },
  children: {
    stats: {
      label: 'Figures',
      one: 'figure',
      title: 'label',
      fields: {
        value: { kind: 'text', label: 'Value', required: true, max: 40 },
        label: { kind: 'text', label: 'Label', required: true, max: 100 },
      },
    },
    challenges: {
      label: 'Challenges',
      one: 'challenge',
      title: 'title',
      fields: {
        title: { kind: 'text', label: 'Title', required: true },
        description: { kind: 'textarea', label: 'Description', required: true, max: 1_000 },
        icon: { kind: 'icon', label: 'Icon', default: 'warning' },
      },
    },
    callsToAction: {
      label: 'Calls to action',
      one: 'call to action',
      title: 'heading',
      fields: {
        heading: { kind: 'text', label: 'Heading', required: true },
        subheading: { kind: 'text', label: 'Text', max: 500 },
        primaryText: { kind: 'text', label: 'First button', max: 60 },
        primaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
        secondaryText: { kind: 'text', label: 'Second button', max: 60 },
        secondaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
        phone: { kind: 'text', label: 'Phone number', format: 'phone' },
      },
    },
  },
  lifecycle: 'publication',
  order: BY_HAND,
  slug: { from: 'title' },
  page: '/solutions/:slug',
  seo: true,
  search: { title: 'title', body: ['shortDescription', 'heroDescription', 'overview'] },
  sitemap: { priority: 0.8, changes: 'weekly' },
});
