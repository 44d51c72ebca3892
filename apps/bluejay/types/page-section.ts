import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

const section = (page: string, key: string, heading: string, more: Readonly<Record<string, string>> = {}) => ({
  key: `${page}.${key}`,
  heading,
  ...more,
});

/** Headings and texts that stand on pages between what is listed. `{product_name}`, `{product_sku}`, `{solution_title}` are replaced. */
export const pageSection = defineContentType({
  name: 'page-section',
  table: 'page_sections',
  label: { one: 'Page section', many: 'Page sections' },
  kind: 'fixed',
  admin: { path: 'page-sections', group: 'website', perPage: 50, permission: 'settings' },
  title: 'key',
  fields: {
    key: { kind: 'text', label: 'Where it stands', required: true, unique: true, column: true },
    heading: { kind: 'text', label: 'Heading', column: true },
    subheading: { kind: 'text', label: 'Text below it', max: 500 },
    label: { kind: 'text', label: 'Label above it', max: 60 },
    description: { kind: 'textarea', label: 'Description', max: 1_000 },
    primaryText: { kind: 'text', label: 'First button', max: 60 },
    primaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
    secondaryText: { kind: 'text', label: 'Second button', max: 60 },
    secondaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
  seeds: [
    section('home', 'products', 'Featured products', {
      label: 'Products',
      primaryText: 'All products',
      primaryLink: '/products',
    }),
    section('home', 'solutions', 'Solutions', {
      label: 'What it is for',
      primaryText: 'All solutions',
      primaryLink: '/solutions',
    }),
    section('home', 'stats', 'In figures'),
    section('home', 'testimonials', 'What customers say', { label: 'Voices' }),
    section('home', 'partners', 'Partners', { primaryText: 'All partners', primaryLink: '/partners' }),
    section('home', 'posts', 'From the blog', { label: 'News', primaryText: 'All posts', primaryLink: '/blog' }),
    section('products', 'hero', 'Products', { subheading: 'Everything that we make, by category.' }),
    section('products', 'call', 'Need something special?', { primaryText: 'Talk to us', primaryLink: '/contact' }),
    section('products_category', 'call', 'Not sure which one?', { primaryText: 'Ask an engineer', primaryLink: '/contact' }),
    section('product_detail', 'call', 'Interested in {product_name}?', {
      subheading: 'Ask for a quote and mention {product_sku}.',
      primaryText: 'Request a quote',
      primaryLink: '/contact?type=rfq&product={product_sku}',
    }),
    section('solutions', 'hero', 'Solutions', { subheading: 'Built from our products, run by our customers.' }),
    section('solution_detail', 'call', 'Talk to us about {solution_title}', { primaryText: 'Contact', primaryLink: '/contact' }),
    section('solution_detail', 'others', 'Other solutions'),
    section('footer', 'contact', 'Contact'),
  ],
});
