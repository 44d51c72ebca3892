import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const companyOverview = defineContentType({
  name: 'company-overview',
  table: 'company_overview',
  label: { one: 'Company', many: 'Company' },
  kind: 'singleton',
  admin: { path: 'about/overview', group: 'website' },
  title: 'headline',
  fields: {
    headline: { kind: 'text', label: 'Headline', default: 'About us' },
    tagline: { kind: 'text', label: 'Tagline', max: 200 },
    main: { kind: 'textarea', label: 'Text', max: 3_000 },
    secondary: { kind: 'textarea', label: 'Second paragraph', max: 3_000 },
    tertiary: { kind: 'textarea', label: 'Third paragraph', max: 3_000 },
    heroImage: { kind: 'image', label: 'Picture at the top' },
    companyImage: { kind: 'image', label: 'Picture beside the text' },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
