import { defineContentType } from '../content/content-type.ts';

export const blogTag = defineContentType({
  name: 'blog-tag',
  table: 'blog_tags',
  label: { one: 'Blog tag', many: 'Blog tags' },
  kind: 'collection',
  admin: { path: 'blog/tags', group: 'content', perPage: 50 },
  title: 'name',
  fields: { name: { kind: 'text', label: 'Name', required: true, unique: true, max: 60, column: true } },
  lifecycle: 'always',
  order: { by: 'name', direction: 'ascending' },
  slug: { from: 'name' },
});
