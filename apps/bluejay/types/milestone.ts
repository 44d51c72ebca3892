import { defineContentType } from '../content/content-type.ts';

export const milestone = defineContentType({
  name: 'milestone',
  table: 'milestones',
  label: { one: 'Milestone', many: 'Milestones' },
  kind: 'collection',
  admin: { path: 'about/milestones', group: 'website' },
  title: 'title',
  fields: {
    year: { kind: 'number', label: 'Year', min: 1_800, max: 2_200, required: true, column: true },
    title: { kind: 'text', label: 'Title', required: true, column: true },
    description: { kind: 'textarea', label: 'Description', max: 500 },
    isCurrent: { kind: 'flag', label: 'Where we are now', column: true },
  },
  lifecycle: 'always',
  order: { by: 'year', direction: 'ascending' },
});
