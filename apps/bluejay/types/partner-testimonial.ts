import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const partnerTestimonial = defineContentType({
  name: 'partner-testimonial',
  table: 'partner_testimonials',
  label: { one: 'Partner’s voice', many: 'Partners’ voices' },
  kind: 'collection',
  admin: { path: 'partners/testimonials', group: 'content' },
  title: 'authorName',
  fields: {
    partner: { kind: 'reference', label: 'Partner', to: 'partner', onDelete: 'restrict', required: true, column: true },
    quote: { kind: 'textarea', label: 'Quote', required: true, max: 1_000 },
    authorName: { kind: 'text', label: 'Who says so', required: true, column: true },
    authorTitle: { kind: 'text', label: 'Position', required: true },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
