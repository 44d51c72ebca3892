import { defineContentType } from '../content/content-type.ts';
import { NEWEST_FIRST } from './order.ts';

export const blogPost = defineContentType({
  name: 'blog-post',
  table: 'blog_posts',
  label: { one: 'Blog post', many: 'Blog posts' },
  kind: 'collection',
  admin: { path: 'blog/posts', group: 'content', perPage: 15 },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    excerpt: { kind: 'textarea', label: 'Excerpt', required: true, max: 300 },
    body: { kind: 'richText', label: 'Text', required: true },
    featuredImage: { kind: 'image', label: 'Picture' },
    category: { kind: 'reference', label: 'Category', to: 'blog-category', onDelete: 'restrict', required: true, column: true },
    author: { kind: 'reference', label: 'Author', to: 'blog-author', onDelete: 'restrict', required: true, column: true },
    tags: { kind: 'references', label: 'Tags', to: 'blog-tag', max: 20, section: 'Related' },
    products: { kind: 'references', label: 'Products', to: 'product', max: 12, section: 'Related' },
  },
  lifecycle: 'publication',
  order: NEWEST_FIRST,
  slug: { from: 'title' },
  page: '/blog/:slug',
  seo: true,
  search: { title: 'title', body: ['excerpt', 'body'] },
  sitemap: { priority: 0.7, changes: 'monthly' },
});
