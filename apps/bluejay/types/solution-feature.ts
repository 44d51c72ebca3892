import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

/** What the list of solutions says about all of them. */
export const solutionFeature = defineContentType({
  name: 'solution-feature',
  table: 'solution_page_features',
  label: { one: 'Feature of the solutions page', many: 'Features of the solutions page' },
  kind: 'collection',
  admin: { path: 'solutions/features', group: 'content' },
  title: 'title',
  fields: {
    title: { kind: 'text', label: 'Title', required: true, column: true },
    description: { kind: 'textarea', label: 'Description', required: true, max: 500 },
    icon: { kind: 'icon', label: 'Icon', default: 'check' },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
