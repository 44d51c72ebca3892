import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const homepageStat = defineContentType({
  name: 'homepage-stat',
  table: 'homepage_stats',
  label: { one: 'Figure', many: 'Figures' },
  kind: 'collection',
  admin: { path: 'homepage/stats', group: 'website' },
  title: 'label',
  fields: {
    value: { kind: 'text', label: 'Value', required: true, max: 40, column: true },
    label: { kind: 'text', label: 'Label', required: true, max: 100, column: true },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
