import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const certification = defineContentType({
  name: 'certification',
  table: 'certifications',
  label: { one: 'Certification', many: 'Certifications' },
  kind: 'collection',
  admin: { path: 'about/certifications', group: 'website' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, column: true },
    abbreviation: { kind: 'text', label: 'Abbreviation', max: 40, column: true },
    description: { kind: 'textarea', label: 'Description', max: 500 },
    icon: { kind: 'icon', label: 'Icon', default: 'verified' },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
