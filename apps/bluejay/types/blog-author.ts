import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const blogAuthor = defineContentType({
  name: 'blog-author',
  table: 'blog_authors',
  label: { one: 'Blog author', many: 'Blog authors' },
  kind: 'collection',
  admin: { path: 'blog-authors', group: 'content' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, column: true },
    title: { kind: 'text', label: 'Position', required: true, column: true },
    bio: { kind: 'textarea', label: 'About', max: 1_000 },
    avatar: { kind: 'image', label: 'Portrait' },
    linkedin: { kind: 'text', label: 'LinkedIn', format: 'url' },
    email: { kind: 'text', label: 'Mail address', format: 'email' },
  },
  lifecycle: 'always',
  order: BY_HAND,
  slug: { from: 'name' },
});
