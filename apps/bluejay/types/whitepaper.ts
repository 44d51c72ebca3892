import { defineContentType } from '../content/content-type.ts';

export const whitepaper = defineContentType({
  name: 'whitepaper',
  table: 'whitepapers',
  label: { one: 'Whitepaper', many: 'Whitepapers' },
  kind: 'collection',
  admin: { path: 'whitepapers', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    description: { kind: 'textarea', label: 'Description', required: true, max: 2_000 },
    topic: { kind: 'reference', label: 'Topic', to: 'whitepaper-topic', onDelete: 'restrict', required: true, column: true },
    file: { kind: 'file', label: 'PDF', access: 'leads', required: true, help: 'Given out to those who fill in the form.' },
    pageCount: { kind: 'number', label: 'Pages', min: 1, max: 10_000 },
    publishedDate: { kind: 'date', label: 'Dated', column: true },
    coverColorFrom: { kind: 'color', label: 'Cover, from', default: '#0066CC', section: 'Cover' },
    coverColorTo: { kind: 'color', label: 'Cover, to', default: '#004499', section: 'Cover' },
  },
  children: {
    learningPoints: {
      label: 'What one learns',
      one: 'point',
      title: 'text',
      fields: { text: { kind: 'text', label: 'Point', required: true, max: 300 } },
    },
  },
  lifecycle: 'publication',
  order: { by: 'publishedDate', direction: 'descending' },
  slug: { from: 'title' },
  page: '/whitepapers/:slug',
  seo: true,
  search: { title: 'title', body: ['description'] },
  sitemap: { priority: 0.6, changes: 'monthly' },
});
