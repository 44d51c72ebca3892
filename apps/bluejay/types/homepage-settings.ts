import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const homepageSettings = defineContentType({
  name: 'homepage-settings',
  table: 'settings_homepage',
  label: { one: 'Front page', many: 'Front page' },
  kind: 'singleton',
  admin: { path: 'homepage/settings', group: 'website', permission: 'settings' },
  title: 'showHeroes',
  fields: {
    showHeroes: { kind: 'flag', label: 'Show heroes', default: true },
    maxHeroes: { kind: 'number', label: 'At most so many heroes', min: 1, max: 10, default: 5 },
    autoplay: { kind: 'flag', label: 'Heroes take turns by themselves', default: true },
    intervalSec: { kind: 'number', label: 'Seconds for each', min: 2, max: 60, default: 5 },
    showStats: { kind: 'flag', label: 'Show figures', default: true },
    maxStats: { kind: 'number', label: 'At most so many figures', min: 1, max: 12, default: 6 },
    showTestimonials: { kind: 'flag', label: 'Show testimonials', default: true },
    maxTestimonials: { kind: 'number', label: 'At most so many testimonials', min: 1, max: 12, default: 3 },
    showCall: { kind: 'flag', label: 'Show the call to action', default: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
