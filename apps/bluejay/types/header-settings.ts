import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';
import { socialStyle } from './social-style.ts';

const shown = (label: string) => ({ kind: 'flag', label: `Show “${label}”`, default: true, section: 'Navigation' }) as const;
const labelled = (label: string) =>
  ({ kind: 'text', label: `Label of “${label}”`, max: 40, default: label, required: true, section: 'Navigation' }) as const;

/** Used as long as no menu of the location “header” is made under Navigation. */
export const headerSettings = defineContentType({
  name: 'header-settings',
  table: 'settings_header',
  label: { one: 'Header', many: 'Header' },
  kind: 'singleton',
  admin: { path: 'header', group: 'website', permission: 'settings' },
  title: 'callText',
  fields: {
    logo: { kind: 'image', label: 'Logo' },
    callEnabled: { kind: 'flag', label: 'Show a button', section: 'Button' },
    callText: { kind: 'text', label: 'Its text', max: 40, default: 'Request a Quote', section: 'Button' },
    callLink: { kind: 'text', label: 'It leads to', format: 'link', default: '/contact', section: 'Button' },
    callStyle: {
      kind: 'choice',
      label: 'Its style',
      options: [
        { value: 'primary', label: 'Filled' },
        { value: 'secondary', label: 'Outlined' },
      ],
      default: 'primary',
      section: 'Button',
    },
    showPhone: { kind: 'flag', label: 'Show the phone number', section: 'Top bar' },
    showEmail: { kind: 'flag', label: 'Show the mail address', section: 'Top bar' },
    showSocial: { kind: 'flag', label: 'Show social media', section: 'Top bar' },
    socialStyle: socialStyle('Top bar'),
    showHome: shown('Home'),
    homeLabel: labelled('Home'),
    showProducts: shown('Products'),
    productsLabel: labelled('Products'),
    showSolutions: shown('Solutions'),
    solutionsLabel: labelled('Solutions'),
    showCaseStudies: shown('Case Studies'),
    caseStudiesLabel: labelled('Case Studies'),
    showWhitepapers: shown('Whitepapers'),
    whitepapersLabel: labelled('Whitepapers'),
    showBlog: shown('Blog'),
    blogLabel: labelled('Blog'),
    showAbout: shown('About'),
    aboutLabel: labelled('About'),
    showPartners: shown('Partners'),
    partnersLabel: labelled('Partners'),
    showContact: shown('Contact'),
    contactLabel: labelled('Contact'),
  },
  lifecycle: 'always',
  order: BY_HAND,
});
