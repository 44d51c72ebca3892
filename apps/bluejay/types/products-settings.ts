import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const productsSettings = defineContentType({
  name: 'products-settings',
  table: 'settings_products',
  label: { one: 'Product pages', many: 'Product pages' },
  kind: 'singleton',
  admin: { path: 'products/settings', group: 'content', permission: 'settings' },
  title: 'defaultSort',
  fields: {
    perPage: { kind: 'number', label: 'Products on a page', min: 1, max: 100, default: 12, required: true },
    showCategories: { kind: 'flag', label: 'Show categories', default: true },
    showSearch: { kind: 'flag', label: 'Show the search box', default: true },
    defaultSort: {
      kind: 'choice',
      label: 'Order',
      options: [
        { value: 'name_asc', label: 'By name' },
        { value: 'name_desc', label: 'By name, backwards' },
        { value: 'newest', label: 'Newest first' },
        { value: 'oldest', label: 'Oldest first' },
      ],
      default: 'newest',
    },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
