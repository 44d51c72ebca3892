import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const homepageHero = defineContentType({
  name: 'homepage-hero',
  table: 'homepage_hero',
  label: { one: 'Hero', many: 'Heroes' },
  kind: 'collection',
  admin: { path: 'homepage/heroes', group: 'website', intro: 'The first thing on the front page; several take turns.' },
  title: 'headline',
  fields: {
    headline: { kind: 'text', label: 'Headline', required: true, column: true },
    subheadline: { kind: 'textarea', label: 'Text', required: true, max: 500 },
    badge: { kind: 'text', label: 'Badge', max: 60 },
    primaryText: { kind: 'text', label: 'First button', max: 60, default: 'Explore Products' },
    primaryLink: { kind: 'text', label: 'It leads to', format: 'link', default: '/products' },
    secondaryText: { kind: 'text', label: 'Second button', max: 60 },
    secondaryLink: { kind: 'text', label: 'It leads to', format: 'link' },
    background: { kind: 'image', label: 'Picture' },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
