import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const mission = defineContentType({
  name: 'mission',
  table: 'mission_vision_values',
  label: { one: 'Mission, vision, values', many: 'Mission, vision, values' },
  kind: 'singleton',
  admin: { path: 'about/mvv', group: 'website' },
  title: 'mission',
  fields: {
    mission: { kind: 'textarea', label: 'Mission', max: 1_000 },
    missionIcon: { kind: 'icon', label: 'Its icon', default: 'flag' },
    vision: { kind: 'textarea', label: 'Vision', max: 1_000 },
    visionIcon: { kind: 'icon', label: 'Its icon', default: 'visibility' },
    values: { kind: 'textarea', label: 'Values', max: 1_000 },
    valuesIcon: { kind: 'icon', label: 'Their icon', default: 'diamond' },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
