import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const partnerTier = defineContentType({
  name: 'partner-tier',
  table: 'partner_tiers',
  label: { one: 'Partner tier', many: 'Partner tiers' },
  kind: 'collection',
  admin: { path: 'partner-tiers', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    description: { kind: 'textarea', label: 'Description', max: 500 },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
});
