import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const partner = defineContentType({
  name: 'partner',
  table: 'partners',
  label: { one: 'Partner', many: 'Partners' },
  kind: 'collection',
  admin: { path: 'partners', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    tier: { kind: 'reference', label: 'Tier', to: 'partner-tier', onDelete: 'restrict', required: true, column: true },
    logo: { kind: 'image', label: 'Logo' },
    icon: { kind: 'icon', label: 'Icon without a logo', default: 'handshake' },
    website: { kind: 'text', label: 'Website', format: 'url' },
    description: { kind: 'textarea', label: 'Description', max: 1_000 },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
    isFeatured: { kind: 'flag', label: 'On the front page', column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
