/** How to reach the company: a form, and its offices. */
import { blankContact, CONTACT_ACTION, CONTACT_FORM, contactFields, type ContactKind, kindOf } from '../../forms/contact-form.ts';
import type { FormGuard } from '../../forms/form-guard.ts';
import { formPlace, renderForm, type ShownForm } from '../../forms/render-form.ts';
import type { RecordOf } from '../../content/content-type.ts';
import type { ContentView } from '../../content/content-view.ts';
import { html, type Html } from '../../html/html.ts';
import { icon } from '../../html/icons.ts';
import { office } from '../../types/office.ts';
import { product } from '../../types/product.ts';
import { siteSettings } from '../../types/site-settings.ts';
import { pageHead } from '../parts/page-head.ts';
import { phoneLink } from '../parts/phone-link.ts';
import type { PageContext, SitePage } from '../site-frame.ts';
import { organizationData, type Structured } from '../structured.ts';

type Office = RecordOf<typeof office>;
type Shown = Pick<ShownForm, 'id' | 'action' | 'submit' | 'note'>;

const NOTE = html`We use what you type here to answer you, and for nothing else.`;

export const CONTACT_SHOWN: Readonly<Record<ContactKind, Shown>> = {
  contact: { id: 'contact', action: CONTACT_ACTION, submit: 'Send the message', note: NOTE },
  rfq: { id: 'contact', action: CONTACT_ACTION, submit: 'Ask for a quote', note: NOTE },
};

const TITLES: Readonly<Record<ContactKind, { readonly title: string; readonly text: string }>> = {
  contact: { title: 'Contact', text: 'Write to us, call us, or come by.' },
  rfq: {
    title: 'Request a quote',
    text: 'Say what you need and how many, and we come back to you with a price.',
  },
};

/** `?type=rfq&product=SKU` asks for a quote of that product. */
export const openContactPage =
  ({ guard }: { readonly guard: Pick<FormGuard, 'inputs'> }) =>
  (context: PageContext): SitePage => {
    const type = context.query('type');
    const kind = kindOf(type);
    const sku = kind === 'rfq' ? context.query('product') : undefined;
    const known = sku === undefined ? undefined : context.view.list(product, { where: { sku }, limit: 1 })[0];
    // Anybody can make up such an address: what is not known is not repeated, and its page is not kept.
    if ((type !== undefined && type !== kind) || (sku !== undefined && known === undefined)) context.changesAt(context.nowMs);
    const content = renderForm({
      ...CONTACT_SHOWN[kind],
      fields: contactFields(kind),
      inputs: guard.inputs(CONTACT_FORM),
      values: blankContact(kind, known?.fields.sku ?? ''),
      problems: {},
    });
    return contactPage(context, { kind, content });
  };

/** @param content the form, or what stands in its place */
export const contactPage = (
  context: PageContext,
  { kind, content }: { readonly kind: ContactKind; readonly content: Html },
): SitePage => {
  const { view } = context;
  const { title, text } = TITLES[kind];
  const offices = [
    ...view.list(office, { where: { isActive: true, isPrimary: true } }),
    ...view.list(office, { where: { isActive: true, isPrimary: false } }),
  ];
  return {
    title,
    description: text,
    canonical: '/contact',
    structured: [contactData(context, offices)],
    breadcrumbs: [{ label: 'Contact', path: '/contact' }],
    body: html`${pageHead({ title, label: kind === 'rfq' ? 'Contact' : 'We listen', text })}
<div class="wide contact">
<section class="contact-form"><h2>${kind === 'rfq' ? 'What can we offer you?' : 'Send us a message'}</h2>
${formPlace(content)}
</section>
<div class="contact-side">
${direct(view)}
${offices.length > 0 && html`<section><h2>${offices.length === 1 ? 'Our office' : 'Our offices'}</h2><ul class="offices">${offices.map((one) => html`<li>${officeCard(one)}</li>`)}</ul></section>`}
</div>
</div>`,
  };
};

const direct = (view: ContentView): Html | undefined => {
  const { contactEmail, contactPhone, businessHours } = view.single(siteSettings).fields;
  const ways = [
    contactPhone !== '' && html`<li>${icon('phone')}${phoneLink(contactPhone)}</li>`,
    contactEmail !== '' && html`<li>${icon('mail')}<a href="mailto:${contactEmail}">${contactEmail}</a></li>`,
    businessHours !== '' && html`<li>${icon('flag')}<span>${businessHours}</span></li>`,
  ].filter((way) => way !== false);
  return ways.length === 0 ? undefined : html`<section><h2>Directly</h2><ul class="ways">${ways}</ul></section>`;
};

const officeCard = ({ fields }: Office): Html => {
  const lines = [
    fields.addressLine1,
    fields.addressLine2,
    [fields.postalCode, fields.city].filter(Boolean).join(' '),
    [fields.state, fields.country].filter(Boolean).join(', '),
  ];
  return html`<article class="office${fields.isPrimary ? ' office-primary' : ''}">
<h3>${fields.name}${fields.isPrimary && html` <span class="badge">Head office</span>`}</h3>
<address>${lines.filter((line) => line !== '').map((line, index) => html`${index > 0 && html`<br>`}${line}`)}</address>
${fields.phone !== '' && html`<p>${phoneLink(fields.phone)}</p>`}
${fields.email !== '' && html`<p><a href="mailto:${fields.email}">${fields.email}</a></p>`}
</article>`;
};

const contactData = (context: PageContext, offices: readonly Office[]): Structured => ({
  '@type': 'ContactPage',
  url: `${context.origin}/contact`,
  mainEntity: {
    ...organizationData(context),
    ...(offices.length > 0 && { location: offices.map(placeData) }),
  },
});

const placeData = ({ fields }: Office): Structured => ({
  '@type': 'Place',
  name: fields.name,
  ...(fields.phone !== '' && { telephone: fields.phone }),
  address: {
    '@type': 'PostalAddress',
    streetAddress: [fields.addressLine1, fields.addressLine2].filter(Boolean).join(', '),
    addressLocality: fields.city,
    addressRegion: fields.state,
    postalCode: fields.postalCode,
    addressCountry: fields.country,
  },
});
