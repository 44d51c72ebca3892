import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const homepageTestimonial = defineContentType({
  name: 'homepage-testimonial',
  table: 'homepage_testimonials',
  label: { one: 'Testimonial', many: 'Testimonials' },
  kind: 'collection',
  admin: { path: 'homepage/testimonials', group: 'website' },
  title: 'authorName',
  fields: {
    quote: { kind: 'textarea', label: 'Quote', required: true, max: 1_000 },
    authorName: { kind: 'text', label: 'Who says so', required: true, column: true },
    authorTitle: { kind: 'text', label: 'Position' },
    authorCompany: { kind: 'text', label: 'Company', column: true },
    authorImage: { kind: 'image', label: 'Portrait' },
    rating: { kind: 'number', label: 'Stars', min: 1, max: 5, default: 5, required: true },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
