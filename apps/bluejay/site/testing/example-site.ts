/** A small company with one of everything: what pages look like when they are full. */
import type { Content } from '../../content/content.ts';
import type { ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import * as types from '../../types/index.ts';

export type Example = {
  readonly category: number;
  readonly secondCategory: number;
  readonly product: number;
  readonly draftProduct: number;
  readonly solution: number;
  readonly post: number;
};

/** @param pictures ids of pictures to be shown, at least four, or none */
export const fillExample = (content: Content, pictures: readonly number[] = []): Example => {
  const picture = (index: number): number | null => pictures[index % Math.max(1, pictures.length)] ?? null;
  const add = (type: ContentType, fields: Draft['fields'], more: Omit<Draft, 'fields'> = {}): number =>
    content.create(type, { ...(type.lifecycle === 'publication' && { status: 'published' }), ...more, fields }, null).id;
  const set = (type: ContentType, draft: Draft): void => {
    const { id, version } = content.single(type);
    content.update(type, id, draft, { version, actor: null });
  };

  set(types.siteSettings, {
    fields: {
      siteName: 'Bluejay Instruments',
      siteTagline: 'Sensors that tell the truth',
      aboutText: 'We build measuring instruments for plants that may not stop, and answer the phone ourselves.',
      contactEmail: 'hello@example.com',
      contactPhone: '+49 30 5550 1234',
      businessHours: 'Monday to Friday, 8:00 to 17:00 CET',
      linkedin: 'https://www.linkedin.com/company/example',
      github: 'https://github.com/example',
      youtube: 'https://www.youtube.com/@example',
      metaDescription: 'Measuring instruments for plants that may not stop.',
    },
  });
  set(types.headerSettings, { fields: { callEnabled: true, showPhone: true, showEmail: true, showSocial: true } });
  set(types.footerSettings, {
    fields: { text: 'Made in Berlin. Calibrated everywhere.' },
    children: {
      legalLinks: [
        { label: 'Imprint', link: '/imprint' },
        { label: 'Privacy', link: '/privacy' },
      ],
    },
  });
  add(types.office, {
    name: 'Berlin',
    addressLine1: 'Köpenicker Straße 7',
    city: 'Berlin',
    state: 'BE',
    postalCode: '10997',
    country: 'Germany',
    phone: '+49 30 5550 1234',
    email: 'berlin@example.com',
    isPrimary: true,
  });

  add(types.homepageHero, {
    headline: 'Know what your plant is doing. To the millibar.',
    subheadline: 'Pressure, flow and vibration, measured in the pipe and readable in the office a second later.',
    badge: 'New: Wren series 4',
    secondaryText: 'Talk to an engineer',
    secondaryLink: '/contact',
    background: picture(0),
  });
  add(types.homepageHero, {
    headline: 'Seven days without mains.',
    subheadline: 'The Kestrel gateway keeps every reading through outages that are longer than your weekend.',
    badge: 'Kestrel gateway',
    background: picture(1),
  });
  for (const [value, label] of [
    ['4,200', 'plants measured'],
    ['0.05 %', 'of full scale, guaranteed'],
    ['24 h', 'from order to parcel'],
    ['12 yrs', 'of spare parts'],
  ] as const)
    add(types.homepageStat, { value, label });
  for (const [authorName, authorTitle, quote, rating] of [
    [
      'Mara Lindqvist',
      'Head of maintenance, Nordvatten',
      'We found a leak that had been there for three years, on the first afternoon.',
      5,
    ],
    [
      'Ibrahim Okafor',
      'Process engineer, Delta Foods',
      'It was installed before the coffee was ready. Support answered a question on a Sunday.',
      5,
    ],
    [
      'June Park',
      'Plant manager, Hanbit Chemicals',
      'The documentation is better than that of devices that cost ten times as much.',
      4,
    ],
  ] as const)
    add(types.homepageTestimonial, { authorName, authorTitle, quote, rating });
  add(types.homepageCall, {
    headline: 'Bring us your worst pipe.',
    description: 'Send a drawing, and an engineer says within a day what can be measured there, and how well.',
    secondaryText: 'All products',
    secondaryLink: '/products',
  });

  const category = add(types.productCategory, {
    name: 'Pressure sensors',
    description: 'From vacuum to a thousand bar, for gases and for liquids that bite.',
    icon: 'diamond',
    image: picture(2),
  });
  const secondCategory = add(types.productCategory, {
    name: 'Gateways',
    description: 'Carry readings from the pipe to the office, also when the network does not.',
    icon: 'hub',
  });
  add(types.productCategory, { name: 'Flow meters', description: 'What goes in, what comes out.', icon: 'factory' });

  const product = add(
    types.product,
    {
      name: 'Wren 4 pressure transmitter',
      sku: 'WR-4-100',
      tagline: 'A transmitter the size of a thumb, accurate to 0.05 %.',
      category,
      description:
        '<p>The <strong>Wren 4</strong> measures pressure where there is no room for anything else. Its ceramic cell takes <em>overload ten times the range</em> and comes back to zero.</p><ul><li>M12 connector</li><li>IO-Link and 4 to 20 mA</li></ul>',
      overview:
        '<h2>Built for pipes that shake</h2><p>Vibration kills sensors slowly. The Wren has no moving part, no wire bond and no glue between medium and cell.</p><h3>Commissioning</h3><p>Screw it in, connect it, done. Range and damping are set over IO-Link, or left as they are.</p><blockquote><p>It outlived the pump it was screwed to.</p></blockquote><table><tbody><tr><th>Range</th><th>Overload</th></tr><tr><td>10 bar</td><td>100 bar</td></tr></tbody></table>',
      primaryImage: picture(0),
      videoUrl: 'https://video.example.org/wren-4',
      isFeatured: true,
      featuredOrder: 1,
    },
    {
      children: {
        specs: [
          { section: 'Measurement', key: 'Range', value: '0 to 10 bar, relative' },
          { section: 'Measurement', key: 'Accuracy', value: '0.05 % of full scale' },
          { section: 'Measurement', key: 'Response time', value: '2 ms' },
          { section: 'Mechanics', key: 'Material', value: 'Stainless steel 1.4404' },
          { section: 'Mechanics', key: 'Protection', value: 'IP 69K' },
        ],
        features: ['Dry ceramic cell', 'Overload ten times the range', 'IO-Link 1.1', 'Ten years of drift below 0.1 %'].map(
          (text) => ({ text }),
        ),
        certifications: [
          { name: 'ATEX', code: 'II 1G', icon: 'verified', image: null },
          { name: 'IECEx', code: '', icon: 'verified', image: null },
        ],
        images: pictures.slice(1, 4).map((image, index) => ({ image, caption: `View ${index + 1}`, isThumbnail: false })),
        downloads: pictures
          .slice(0, 1)
          .map((file) => ({ title: 'Data sheet', description: 'All ranges and fittings', file, fileVersion: '4.2' })),
      },
    },
  );
  for (let index = 1; index <= 14; index += 1)
    add(types.product, {
      name: `Wren ${index} basic`,
      sku: `WR-B-${String(index).padStart(3, '0')}`,
      tagline: index % 2 === 0 ? 'The same cell in a plain housing.' : '',
      category,
      description: `<p>For ordinary pipes, range ${index}.</p>`,
      primaryImage: picture(index),
      isFeatured: index < 3,
    });
  add(types.product, {
    name: 'Kestrel gateway',
    sku: 'KS-1',
    category: secondCategory,
    description: '<p>Keeps readings for a week.</p>',
    isFeatured: true,
    primaryImage: picture(1),
  });
  const draftProduct = add(
    types.product,
    { name: 'Secret falcon', sku: 'SECRET-1', category, description: '<p>Not yet announced falconry.</p>', isFeatured: true },
    { status: 'draft' },
  );

  const water = add(types.industry, { name: 'Water', icon: 'factory', description: 'Wells, mains and sewage.' });
  const food = add(types.industry, { name: 'Food', icon: 'factory', description: 'Kitchens the size of a village.' });
  const solution = add(
    types.solution,
    {
      title: 'Leak detection in long mains',
      icon: 'search',
      shortDescription: 'Finds where water is lost, from two sensors and the speed of sound.',
      referenceCode: 'SOL-01',
      industries: [water],
      heroTitle: 'Your network leaks. We say where.',
      heroDescription: 'Two sensors listen to the same pipe. The difference between what they hear is a distance.',
      heroImage: picture(3),
      overview: '<p>Every leak makes a wave of pressure that travels at 1,200 metres a second.</p>',
      products: [product],
    },
    {
      children: {
        stats: [
          { value: '3 m', label: 'typical error' },
          { value: '40 km', label: 'between sensors' },
          { value: '-31 %', label: 'loss in a year' },
        ],
        challenges: [
          { title: 'Noise', description: 'Pumps are louder than leaks.', icon: 'warning' },
          { title: 'Clocks', description: 'A millisecond is a metre.', icon: 'warning' },
        ],
      },
    },
  );
  for (const title of ['Cold chain without gaps', 'Pumps that report themselves', 'Energy by the litre'])
    add(types.solution, {
      title,
      icon: 'hub',
      shortDescription: `${title}: what is measured is what is managed.`,
      industries: [food],
    });
  add(types.solution, { title: 'Secret solution', icon: 'hub', shortDescription: 'Not announced.' }, { status: 'draft' });
  for (const title of ['Commissioned by us', 'One number to call', 'Spare parts for 12 years'])
    add(types.solutionFeature, { title, description: 'Included, and written into the offer.', icon: 'check' });

  const tier = add(types.partnerTier, { name: 'Gold' });
  for (const name of ['Nordvatten', 'Delta Foods', 'Hanbit', 'Obsidian Steel', 'Pagoda Rail'])
    add(types.partner, { name, tier, isFeatured: true, website: 'https://example.org/' });
  const blogCategory = add(types.blogCategory, { name: 'Engineering', color: '#16A34A' });
  const author = add(types.blogAuthor, { name: 'Edda Brandt', title: 'Application engineer' });
  let post = 0;
  for (const title of ['How a leak sounds', 'Ceramic or steel?', 'Ten years in a dairy'])
    post = add(types.blogPost, {
      title,
      excerpt: `${title}: what we measured, and what surprised us.`,
      body: '<p>It began with a phone call about pressure.</p>',
      category: blogCategory,
      author,
      featuredImage: picture(post),
      products: [product],
    });
  return { category, secondCategory, product, draftProduct, solution, post };
};
