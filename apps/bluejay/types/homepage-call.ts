import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const homepageCall = defineContentType({
  name: 'homepage-call',
  table: 'homepage_cta',
  label: { one: 'Call to action', many: 'Calls to action' },
  kind: 'collection',
  admin: { path: 'homepage/cta', group: 'website', intro: 'The end of the front page; the first that is shown is used.' },
  title: 'headline',
  fields: {
    headline: { kind: 'text', label: 'Headline', required: true, column: true },
    description: { kind: 'textarea', label: 'Text', max: 500 },
    primaryText: { kind: 'text', label: 'First button', max: 60, default: 'Schedule a Demo' },
    primaryLink: { kind: 'text', label: 'It leads to', format: 'link', default: '/contact' },
    secondaryText: { kind: 'text', label: 'Second button', max: 60 },
    secondaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
    background: {
      kind: 'choice',
      label: 'Background',
      options: [
        { value: 'primary', label: 'Blue' },
        { value: 'dark', label: 'Black' },
        { value: 'light', label: 'White' },
      ],
      default: 'primary',
    },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
