import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const caseStudy = defineContentType({
  name: 'case-study',
  table: 'case_studies',
  label: { one: 'Case study', many: 'Case studies' },
  kind: 'collection',
  admin: { path: 'case-studies', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    clientName: { kind: 'text', label: 'Client', required: true, column: true },
    industry: { kind: 'reference', label: 'Industry', to: 'industry', onDelete: 'restrict', required: true, column: true },
    heroImage: { kind: 'image', label: 'Picture' },
    summary: { kind: 'textarea', label: 'Summary', required: true, max: 1_000 },
    challengeTitle: { kind: 'text', label: 'Heading', default: 'The Challenge', section: 'Challenge' },
    challengeContent: { kind: 'richText', label: 'Text', required: true, section: 'Challenge' },
    challengeBullets: { kind: 'lines', label: 'Points', help: 'One per line.', section: 'Challenge' },
    solutionTitle: { kind: 'text', label: 'Heading', default: 'Our Solution', section: 'Solution' },
    solutionContent: { kind: 'richText', label: 'Text', required: true, section: 'Solution' },
    outcomeTitle: { kind: 'text', label: 'Heading', default: 'The Outcome', section: 'Outcome' },
    outcomeContent: { kind: 'richText', label: 'Text', required: true, section: 'Outcome' },
    products: { kind: 'references', label: 'Products', to: 'product', max: 24, section: 'Products' },
  },
  children: {
    metrics: {
      label: 'Figures',
      one: 'figure',
      title: 'label',
      fields: {
        value: { kind: 'text', label: 'Value', required: true, max: 40 },
        label: { kind: 'text', label: 'Label', required: true, max: 100 },
      },
    },
  },
  lifecycle: 'publication',
  order: BY_HAND,
  slug: { from: 'title' },
  page: '/case-studies/:slug',
  seo: true,
  search: { title: 'title', body: ['clientName', 'summary', 'challengeContent', 'solutionContent', 'outcomeContent'] },
  sitemap: { priority: 0.6, changes: 'monthly' },
});
