import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const aboutSettings = defineContentType({
  name: 'about-settings',
  table: 'settings_about',
  label: { one: 'About page', many: 'About page' },
  kind: 'singleton',
  admin: { path: 'about/settings', group: 'website', permission: 'settings' },
  title: 'showMission',
  fields: {
    showMission: { kind: 'flag', label: 'Show mission, vision, values', default: true },
    showMilestones: { kind: 'flag', label: 'Show milestones', default: true },
    showCertifications: { kind: 'flag', label: 'Show certifications', default: true },
    showTeam: { kind: 'flag', label: 'Show the team (the authors of the blog)', default: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
