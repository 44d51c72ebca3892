import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';

export const office = defineContentType({
  name: 'office',
  table: 'office_locations',
  label: { one: 'Office', many: 'Offices' },
  kind: 'collection',
  admin: { path: 'contact/offices', group: 'admin', intro: 'The primary one stands first, and in the footer.' },
  title: 'name',
  fields: {
    name: { kind: 'text', label: 'Name', required: true, column: true },
    addressLine1: { kind: 'text', label: 'Street', required: true },
    addressLine2: { kind: 'text', label: 'Second line' },
    city: { kind: 'text', label: 'City', required: true, column: true },
    state: { kind: 'text', label: 'State', required: true },
    postalCode: { kind: 'text', label: 'Postal code', required: true, max: 20 },
    country: { kind: 'text', label: 'Country', default: 'India', column: true },
    phone: { kind: 'text', label: 'Phone', format: 'phone' },
    email: { kind: 'text', label: 'Mail address', format: 'email' },
    isPrimary: {
      kind: 'flag',
      label: 'Primary',
      help: 'There is one: setting it here takes it from the other.',
      column: true,
      onlyOne: true,
    },
    isActive: { kind: 'flag', label: 'Shown', default: true, column: true },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
