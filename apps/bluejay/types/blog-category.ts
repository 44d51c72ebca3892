import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const blogCategory = defineContentType({
  name: 'blog-category',
  table: 'blog_categories',
  label: { one: 'Blog category', many: 'Blog categories' },
  kind: 'collection',
  admin: { path: 'blog-categories', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, unique: true, column: true },
    color: { kind: 'color', label: 'Colour', default: '#0066CC' },
    description: { kind: 'textarea', label: 'Description', max: 500 },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
});
