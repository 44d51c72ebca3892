/** The form before a whitepaper. */
import type { FormField } from './form-fields.ts';
import { COMPANY_FIELD, EMAIL_FIELD, NAME_FIELD } from './person-fields.ts';

/** Name of the form of one whitepaper: a click that confirms one does not confirm another. No space may be in it. */
export const whitepaperForm = (id: number): string => `whitepaper-${id}`;

export const whitepaperAction = (slug: string): string => `/whitepapers/${encodeURIComponent(slug)}/download`;

/** The names of the inputs are a contract: other programs send them. */
export const WHITEPAPER_FIELDS: readonly FormField[] = [
  NAME_FIELD,
  EMAIL_FIELD,
  COMPANY_FIELD,
  { name: 'designation', label: 'Position', kind: 'text', autocomplete: 'organization-title', isHalf: true },
  { name: 'marketing_consent', label: 'Write to me now and then about new whitepapers.', kind: 'checkbox' },
];
