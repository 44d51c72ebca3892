/** Stories of the small company of `example-site.ts`, and of every kind some that nobody may see. */
import type { Content } from '../../../content/content.ts';
import type { ContentType } from '../../../content/content-type.ts';
import type { Draft } from '../../../content/draft.ts';
import * as types from '../../../types/index.ts';
import { type Example, fillExample } from '../../testing/example-site.ts';

export type ExampleStories = Example & {
  readonly industry: number;
  readonly topic: number;
  readonly whitepaper: number;
  /** The moment at which what is scheduled appears. */
  readonly appearsAtMs: number;
};

/** In every text of what may not be seen. */
export const HIDDEN = 'Peregrine';

const PARAGRAPH =
  'A pressure sensor does not know what it measures. It bends, by less than the width of a virus, and something tells it by how much. Everything else is arithmetic, and most of the arithmetic is about temperature. ';

/** @param pictures ids of pictures to be shown, at least four, or none; `file` that of the whitepapers' PDF */
export const fillStories = (
  content: Content,
  { pictures = [], file, nowMs }: { readonly pictures?: readonly number[]; readonly file: number; readonly nowMs: number },
): ExampleStories => {
  const example = fillExample(content, pictures);
  const picture = (index: number): number | null => pictures[index % Math.max(1, pictures.length)] ?? null;
  const add = (type: ContentType, fields: Draft['fields'], more: Omit<Draft, 'fields'> = {}): number =>
    content.create(type, { ...(type.lifecycle === 'publication' && { status: 'published' }), ...more, fields }, null).id;
  const set = (type: ContentType, draft: Draft): void => {
    const { id, version } = content.single(type);
    content.update(type, id, draft, { version, actor: null });
  };
  const appearsAtMs = nowMs + 3_600_000;
  /** One of each kind of not being visible. */
  const hide = (type: ContentType, fields: Draft['fields'], title: 'title'): void => {
    const states: readonly Omit<Draft, 'fields'>[] = [
      { status: 'draft' },
      { status: 'archived' },
      { status: 'published', publishAtMs: appearsAtMs },
      { status: 'published', publishAtMs: nowMs - 2_000, unpublishAtMs: nowMs - 1_000 },
    ];
    for (const [index, state] of states.entries()) add(type, { ...fields, [title]: `${HIDDEN} ${index}` }, state);
  };

  // Blog
  const company = add(types.blogCategory, { name: 'Company', color: '#EAB308', description: 'What happens at our place.' });
  const author = add(types.blogAuthor, {
    name: 'Tomas Reuter',
    title: 'Head of calibration',
    bio: 'Has measured the same reference cell every morning since 2009, and still does not trust it.',
    avatar: picture(0),
    linkedin: 'https://www.linkedin.com/in/example',
    email: 'tomas@example.com',
  });
  const tags = ['Calibration', 'Water', 'Field notes'].map((name) => add(types.blogTag, { name }));
  add(types.blogTag, { name: 'Unused' });
  for (let number = 1; number <= 12; number += 1)
    add(
      types.blogPost,
      {
        title: number === 12 ? 'Why zero is the hardest number to measure' : `Field note ${number}: what the pipe told us`,
        excerpt: 'Everything drifts. The question is in which direction, how fast, and whether anybody is looking.',
        body: `<h2>It starts with temperature</h2><p>${PARAGRAPH.repeat(3)}</p><blockquote><p>Nobody calls because of a good zero.</p></blockquote><h3>What we do about it</h3><ul><li>Measure at night</li><li>Write it down</li></ul><p>${PARAGRAPH.repeat(4)}</p><table><tbody><tr><th>Year</th><th>Drift</th></tr><tr><td>1</td><td>0.02 %</td></tr></tbody></table>`,
        featuredImage: number % 3 === 0 ? null : picture(number),
        category: company,
        author,
        tags: tags.slice(0, 1 + (number % 3)),
        products: number === 12 ? [example.product] : [],
      },
      { publishAtMs: nowMs - (20 - number) * 86_400_000 },
    );
  const post = { excerpt: `${HIDDEN} excerpt`, body: `<p>${HIDDEN} body</p>`, category: company, author, tags };
  hide(types.blogPost, post, 'title');

  // Case studies
  const industry = add(types.industry, { name: 'Breweries', icon: 'factory', description: 'Where foam is a measuring error.' });
  const study = {
    industry,
    clientName: 'Brauhaus Nord',
    summary: 'Forty tanks, four shifts, and one clipboard. Now nobody walks around with a torch any more.',
    heroImage: picture(2),
    challengeContent: `<p>${PARAGRAPH}</p>`,
    challengeBullets: ['Readings were a shift old', 'Foam was taken for beer', 'Nobody knew which tank leaked'],
    solutionContent: `<p>${PARAGRAPH}</p><h3>In two weeks</h3><p>${PARAGRAPH}</p>`,
    outcomeContent: `<p>${PARAGRAPH}</p>`,
    products: [example.product],
  };
  const metrics = [
    { value: '-38 %', label: 'product lost in a year' },
    { value: '14 days', label: 'from order to the last tank' },
    { value: '0', label: 'clipboards' },
  ];
  add(types.caseStudy, { ...study, title: 'A brewery that hears its tanks' }, { children: { metrics } });
  add(types.caseStudy, { ...study, title: 'Cold cellars, warm numbers', clientName: 'Hanseat Bräu', heroImage: null });
  hide(types.caseStudy, { ...study, clientName: `${HIDDEN} client` }, 'title');

  // Whitepapers
  const topic = add(types.whitepaperTopic, {
    name: 'Calibration',
    color: '#16A34A',
    icon: 'verified',
    description: 'How to know.',
  });
  const other = add(types.whitepaperTopic, { name: 'Networks', color: '#DC2626', icon: 'hub' });
  const paper = {
    description: 'Ten years of drift of four hundred cells, and what it says about how often to calibrate.',
    topic,
    file,
    pageCount: 24,
    publishedDate: '2026-03-14',
  };
  const learningPoints = ['How often is often enough', 'Which errors cancel out', 'What a certificate does not say'].map(
    (text) => ({ text }),
  );
  const whitepaper = add(types.whitepaper, { ...paper, title: 'How often to calibrate' }, { children: { learningPoints } });
  for (const [title, from, to] of [
    ['Reading a certificate', '#16A34A', '#064E3B'],
    ['Drift, explained to managers', '#EAB308', '#B45309'],
    ['Reference cells at home', '#DC2626', '#7F1D1D'],
  ] as const)
    add(types.whitepaper, { ...paper, title, coverColorFrom: from, coverColorTo: to, publishedDate: '2026-01-02' });
  add(types.whitepaper, { ...paper, title: 'Gateways that forget nothing', topic: other, pageCount: null });
  hide(types.whitepaper, { ...paper, description: `${HIDDEN} description` }, 'title');

  // The company
  set(types.companyOverview, {
    fields: {
      headline: 'We measure what others assume',
      tagline: 'Forty people, one reference pressure, and a telephone that somebody picks up.',
      main: PARAGRAPH.repeat(2),
      secondary: PARAGRAPH,
      heroImage: picture(1),
      companyImage: picture(3),
    },
  });
  set(types.mission, {
    fields: {
      mission: 'That nobody has to guess what happens inside a pipe.',
      vision: 'Instruments that say when they are wrong.',
      values: 'We publish our errors.',
    },
  });
  for (const title of ['Tell the truth', 'Answer the phone', 'Repair first'])
    add(types.coreValue, {
      title,
      description: 'Also when it costs us an order. It has, twice, and both came back.',
      icon: 'star',
    });
  for (const [year, title] of [
    [2009, 'A garage in Köpenick'],
    [2015, 'The first Wren'],
    [2026, 'Ten thousand plants'],
  ] as const)
    add(types.milestone, { year, title, description: 'And a cake.', isCurrent: year === 2026 });
  add(types.certification, { name: 'Quality management', abbreviation: 'ISO 9001', description: 'Since 2012.' });
  add(types.certification, { name: 'Explosive atmospheres', abbreviation: 'ATEX' });

  // Partners
  const tier = add(types.partnerTier, { name: 'Silver', description: 'Trained by us, in your region.' });
  const partner = add(types.partner, {
    name: 'Messwerk Süd',
    tier,
    website: 'https://www.messwerk.example/',
    description: 'Installs and maintains between the Alps and the Main.',
    logo: picture(0),
  });
  const inactive = add(types.partner, { name: `${HIDDEN} partner`, tier, isActive: false });
  add(types.partnerTestimonial, {
    partner,
    quote: 'They send the spare part before we ask.',
    authorName: 'Jana Vogl',
    authorTitle: 'Owner',
  });
  add(types.partnerTestimonial, { partner: inactive, quote: `${HIDDEN} quote`, authorName: 'Nobody', authorTitle: 'None' });
  add(types.partnerTestimonial, {
    partner,
    quote: `${HIDDEN} quote 2`,
    authorName: 'Nobody',
    authorTitle: 'None',
    isActive: false,
  });

  // Offices
  const address = { addressLine1: 'MG Road 12', city: 'Pune', state: 'Maharashtra', postalCode: '411001', country: 'India' };
  add(types.office, { ...address, name: 'Pune', phone: '+91 20 5550 1234' });
  add(types.office, { ...address, name: `${HIDDEN} office`, isActive: false });
  return { ...example, industry, topic, whitepaper, appearsAtMs };
};
