import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const industry = defineContentType({
  name: 'industry',
  table: 'industries',
  label: { one: 'Industry', many: 'Industries' },
  kind: 'collection',
  admin: { path: 'industries', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    icon: { kind: 'icon', label: 'Icon', default: 'factory' },
    description: { kind: 'textarea', label: 'Description', max: 500 },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
});
