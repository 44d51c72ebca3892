import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const blogSettings = defineContentType({
  name: 'blog-settings',
  table: 'settings_blog',
  label: { one: 'Blog', many: 'Blog' },
  kind: 'singleton',
  admin: { path: 'blog/settings', group: 'content', permission: 'settings' },
  title: 'perPage',
  fields: {
    perPage: { kind: 'number', label: 'Posts on a page', min: 1, max: 100, default: 9, required: true },
    showAuthor: { kind: 'flag', label: 'Show authors', default: true },
    showDate: { kind: 'flag', label: 'Show dates', default: true },
    showCategories: { kind: 'flag', label: 'Show categories', default: true },
    showTags: { kind: 'flag', label: 'Show tags', default: true },
    showSearch: { kind: 'flag', label: 'Show the search box', default: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
