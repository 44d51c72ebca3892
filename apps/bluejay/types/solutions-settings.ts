import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const solutionsSettings = defineContentType({
  name: 'solutions-settings',
  table: 'settings_solutions',
  label: { one: 'Solution pages', many: 'Solution pages' },
  kind: 'singleton',
  admin: { path: 'solutions/settings', group: 'content', permission: 'settings' },
  title: 'perPage',
  fields: {
    perPage: { kind: 'number', label: 'Solutions on a page', min: 1, max: 100, default: 12, required: true },
    showIndustries: { kind: 'flag', label: 'Show the choice of an industry', default: true },
    showSearch: { kind: 'flag', label: 'Show the search box', default: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
