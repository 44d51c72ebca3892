import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const whitepaperTopic = defineContentType({
  name: 'whitepaper-topic',
  table: 'whitepaper_topics',
  label: { one: 'Whitepaper topic', many: 'Whitepaper topics' },
  kind: 'collection',
  admin: { path: 'whitepaper-topics', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    color: { kind: 'color', label: 'Colour', default: '#0066CC' },
    icon: { kind: 'icon', label: 'Icon', default: 'description' },
    description: { kind: 'textarea', label: 'Description', max: 500 },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
});
