import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const coreValue = defineContentType({
  name: 'core-value',
  table: 'core_values',
  label: { one: 'Value', many: 'Values' },
  kind: 'collection',
  admin: { path: 'about/values', group: 'website' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    description: { kind: 'textarea', label: 'Description', required: true, max: 500 },
    icon: { kind: 'icon', label: 'Icon', default: 'star' },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
