/** What every form of the site asks of a person. */
import type { FormField } from './form-fields.ts';

export const NAME_FIELD: FormField = {
  name: 'name',
  label: 'Your name',
  kind: 'text',
  required: 'Please tell us your name.',
  max: 120,
  autocomplete: 'name',
  isHalf: true,
};

export const COMPANY_FIELD: FormField = {
  name: 'company',
  label: 'Company',
  kind: 'text',
  required: 'Please tell us your company.',
  autocomplete: 'organization',
  isHalf: true,
};

export const EMAIL_FIELD: FormField = {
  name: 'email',
  label: 'Mail address',
  kind: 'email',
  required: 'Please tell us your mail address.',
  max: 254,
  autocomplete: 'email',
  isHalf: true,
};
