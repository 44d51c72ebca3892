import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const solutionsCall = defineContentType({
  name: 'solutions-call',
  table: 'solutions_listing_cta',
  label: { one: 'Call to action of the solutions page', many: 'Call to action of the solutions page' },
  kind: 'singleton',
  admin: { path: 'solutions/call-to-action', group: 'content' },
  title: 'heading',
  fields: {
    heading: { kind: 'text', label: 'Heading', default: 'Not sure where to start?' },
    subheading: { kind: 'text', label: 'Text', max: 500, default: 'Tell us what you are building; an engineer answers.' },
    primaryText: { kind: 'text', label: 'First button', max: 60, default: 'Talk to an engineer' },
    primaryLink: { kind: 'text', label: 'It leads to', format: 'link', default: '/contact' },
    secondaryText: { kind: 'text', label: 'Second button', max: 60 },
    secondaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
    isActive: { kind: 'flag', label: 'Shown', default: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
