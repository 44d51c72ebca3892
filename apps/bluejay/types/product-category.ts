import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const productCategory = defineContentType({
  name: 'product-category',
  table: 'product_categories',
  label: { one: 'Product category', many: 'Product categories' },
  kind: 'collection',
  admin: { path: 'product-categories', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    description: { kind: 'textarea', label: 'Description', required: true, max: 500 },
    icon: { kind: 'icon', label: 'Icon', required: true, default: 'category', column: true },
    image: { kind: 'image', label: 'Picture' },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
  page: '/products/:slug',
  sitemap: { priority: 0.8, changes: 'weekly' },
});
