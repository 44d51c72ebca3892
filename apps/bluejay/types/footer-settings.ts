import { defineContentType } from '../content/content-type.ts';
import { BY_HAND } from './order.ts';
import { socialStyle } from './social-style.ts';

const shown = (label: string) => ({ kind: 'flag', label, default: true, section: 'Parts' }) as const;

export const footerSettings = defineContentType({
  name: 'footer-settings',
  table: 'settings_footer',
  label: { one: 'Footer', many: 'Footer' },
  kind: 'singleton',
  admin: { path: 'footer', group: 'website', permission: 'settings' },
  title: 'copyright',
  fields: {
    columns: {
      kind: 'choice',
      label: 'Columns',
      options: [
        { value: '2', label: 'Two' },
        { value: '3', label: 'Three' },
        { value: '4', label: 'Four' },
      ],
      default: '4',
    },
    background: {
      kind: 'choice',
      label: 'Background',
      options: [
        { value: 'dark', label: 'Black' },
        { value: 'light', label: 'White' },
        { value: 'primary', label: 'Blue' },
      ],
      default: 'dark',
    },
    copyright: {
      kind: 'text',
      label: 'Copyright',
      help: '{year} becomes the year.',
      default: '© {year} Bluejay. All rights reserved.',
    },
    text: { kind: 'textarea', label: 'Text', max: 500 },
    showSocial: shown('Social media'),
    socialStyle: socialStyle('Parts'),
    showAbout: shown('About the company'),
    showCategories: shown('Product categories'),
    showSolutions: shown('Solutions'),
    showResources: shown('Resources'),
    showContact: shown('Contact'),
    showLegal: shown('Legal links'),
    categoriesHeading: { kind: 'text', label: 'Heading of the categories', default: 'Products', section: 'Headings' },
    solutionsHeading: { kind: 'text', label: 'Heading of the solutions', default: 'Solutions', section: 'Headings' },
    resourcesHeading: { kind: 'text', label: 'Heading of the resources', default: 'Resources', section: 'Headings' },
    contactHeading: { kind: 'text', label: 'Heading of the contact', default: 'Contact', section: 'Headings' },
  },
  children: {
    ownColumns: {
      label: 'Own columns',
      one: 'column',
      title: 'heading',
      max: 4,
      fields: {
        heading: { kind: 'text', label: 'Heading', required: true },
        text: { kind: 'textarea', label: 'Text', max: 1_000 },
        links: { kind: 'lines', label: 'Links', help: 'One per line: what it says | where it leads' },
      },
    },
    legalLinks: {
      label: 'Legal links',
      one: 'link',
      title: 'label',
      max: 12,
      fields: {
        label: { kind: 'text', label: 'It says', required: true, max: 60 },
        link: { kind: 'text', label: 'It leads to', format: 'link', required: true },
      },
    },
  },
  lifecycle: 'always',
  order: BY_HAND,
});
