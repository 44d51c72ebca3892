/** The form of the contact page: a message, or a request for a quote. */
import type { FormField, FormValues } from './form-fields.ts';
import { COMPANY_FIELD, EMAIL_FIELD, NAME_FIELD } from './person-fields.ts';

export const CONTACT_FORM = 'contact';
export const CONTACT_ACTION = '/contact/submit';

export type ContactKind = 'contact' | 'rfq';

export const kindOf = (submissionType: string | undefined): ContactKind => (submissionType === 'rfq' ? 'rfq' : 'contact');

/** The names of the inputs are a contract: other programs send them. */
export const contactFields = (kind: ContactKind): readonly FormField[] => [
  { name: 'submission_type', label: 'Kind', kind: 'hidden', max: 10 },
  NAME_FIELD,
  COMPANY_FIELD,
  EMAIL_FIELD,
  {
    name: 'phone',
    label: 'Phone',
    kind: 'tel',
    required: 'Please tell us your phone number.',
    max: 40,
    autocomplete: 'tel',
    isHalf: true,
  },
  { name: 'inquiry_type', label: 'What is it about?', kind: 'choice', choices: choicesFor(kind) },
  ...(kind === 'rfq' ? [{ name: 'product', label: 'Product or SKU', kind: 'text', max: 64 } as const] : []),
  {
    name: 'message',
    label: kind === 'rfq' ? 'What do you need, and how many?' : 'Message',
    kind: 'textarea',
    required: 'Please write a message.',
    max: 5_000,
  },
];

export const blankContact = (kind: ContactKind, product: string): FormValues => ({ submission_type: kind, product });

const INQUIRY_LABELS = [
  { value: 'sales', label: 'Sales' },
  { value: 'support', label: 'Support' },
  { value: 'partnership', label: 'Partnership' },
  { value: 'demo', label: 'A demonstration' },
  { value: 'other', label: 'Something else' },
] as const;

/** Who asks for a quote asks for sales; otherwise nothing is assumed. */
function choicesFor(kind: ContactKind): typeof INQUIRY_LABELS | readonly (typeof INQUIRY_LABELS)[number][] {
  if (kind === 'rfq') return INQUIRY_LABELS;
  return [...INQUIRY_LABELS.slice(-1), ...INQUIRY_LABELS.slice(0, -1)];
}
