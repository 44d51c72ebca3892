/** Categories, products, solutions, stories of customers. Each gives the ids that others refer to. */
import { product, productCategory, industry, solution, solutionFeature, caseStudy } from '../../types/index.ts';
import { INDUSTRIES, SOLUTIONS, STORIES } from './applications.ts';
import { CATEGORIES, type DemoProduct, PRODUCTS } from './catalogue.ts';
import type { DemoSite } from './demo-site.ts';
import { makePdf } from './pdf.ts';

export const paragraphs = (texts: readonly string[]): string => texts.map((text) => `<p>${text}</p>`).join('');

/** SKU → id */
export const makeProducts = async (site: DemoSite): Promise<ReadonlyMap<string, number>> => {
  const categories = new Map<string, number>();
  for (const { slug, name, icon, machine, tone, description } of CATEGORIES) {
    const image = await site.machines(`category ${slug}`, { machines: [machine], tone });
    categories.set(slug, site.record(productCategory, { name, icon, description, image }, { slug }));
  }
  const ids = new Map<string, number>();
  for (const [index, each] of PRODUCTS.entries())
    ids.set(each.sku, await makeProduct(site, each, categories.get(each.category) ?? 0, index));
  return ids;
};

const makeProduct = async (site: DemoSite, each: DemoProduct, category: number, index: number): Promise<number> => {
  const { name, sku, tagline, machine, tone, description, overview, specs, features, featured, state } = each;
  const primaryImage = await site.machines(`product ${sku}`, { machines: [machine], tone, label: sku });
  const isShown = state === undefined;
  const second =
    isShown && featured !== undefined
      ? await site.machines(`product ${sku} second`, { machines: [machine], tone: tone === 'green' ? 'blue' : 'green' })
      : undefined;
  const sheet = makePdf(`Data sheet ${sku}`, [
    { heading: name, paragraphs: [tagline, description, ...overview] },
    { heading: 'Technical data', paragraphs: specs.map(([section, key, value]) => `${section} - ${key}: ${value}`) },
  ]);
  const downloads = [
    {
      title: `Data sheet ${sku}`,
      description: 'Two pages',
      file: await site.document(`${sku.toLowerCase()}-data-sheet.pdf`, sheet),
      fileVersion: '1.2',
    },
  ];
  if (isShown)
    downloads.push({
      title: `Parameters ${sku}`,
      description: 'Registers and defaults, for import',
      file: await site.document(
        `${sku.toLowerCase()}-parameters.csv`,
        Buffer.from(`name;value\n${specs.map(([, key, value]) => `${key};${value}`).join('\n')}\n`),
      ),
      fileVersion: '1.0',
    });
  return site.record(
    product,
    {
      name,
      sku,
      tagline,
      category,
      description: paragraphs([description]),
      overview: `<h2>What makes it different</h2>${paragraphs(overview)}`,
      primaryImage,
      isFeatured: featured !== undefined,
      featuredOrder: featured ?? null,
    },
    {
      daysAgo: 300 - index * 12,
      ...(state !== undefined && { status: state }),
      seo: { title: '', description: `${tagline}. ${description}`.slice(0, 300), image: primaryImage },
      children: {
        specs: specs.map(([section, key, value]) => ({ section, key, value })),
        features: features.map((text) => ({ text })),
        certifications: [
          { name: 'CE', code: '2014/30/EU', icon: 'verified' },
          { name: 'UL', code: 'E-550140', icon: 'verified' },
        ],
        images: [primaryImage, second].flatMap((image, place) =>
          image === undefined
            ? []
            : [
                {
                  image,
                  caption: place === 0 ? `${sku}, seen from the front` : `${sku} in the colours of a machine builder`,
                  isThumbnail: place === 0,
                },
              ],
        ),
        downloads,
      },
    },
  );
};

export const makeSolutions = async (
  site: DemoSite,
  products: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> => {
  const industries = new Map(INDUSTRIES.map(([name, icon]) => [name, site.record(industry, { name, icon, description: '' })]));
  const idsOf = (known: ReadonlyMap<string, number>, names: readonly string[]): readonly number[] =>
    names.map((name) => known.get(name)).filter((id) => id !== undefined);
  for (const [title, description, icon] of [
    ['One clock', 'All devices share one time, to a microsecond. What is measured together belongs together.', 'visibility'],
    ['One cable', 'Power, feedback and network in one cable to each motor.', 'hub'],
    ['One set of tools', 'Sensors, drives and programs are set up in one place and kept as text.', 'category'],
  ] as const)
    site.record(solutionFeature, { title, description, icon });
  for (const [index, each] of SOLUTIONS.entries()) {
    const heroImage = await site.machines(`solution ${each.title}`, { machines: each.machines, tone: each.tone });
    site.record(
      solution,
      {
        title: each.title,
        icon: each.icon,
        shortDescription: each.short,
        referenceCode: `SOL-${String(index + 1).padStart(2, '0')}`,
        industries: idsOf(industries, each.industries),
        heroImage,
        heroTitle: each.headline,
        heroDescription: each.short,
        overview: `<h2>How it works</h2>${paragraphs(each.overview)}`,
        products: idsOf(products, each.products),
      },
      {
        daysAgo: 200 - index * 9,
        children: {
          stats: each.stats.map(([value, label]) => ({ value, label })),
          challenges: each.challenges.map(([title, description]) => ({ title, description, icon: 'warning' })),
          callsToAction: [
            {
              heading: 'Bring us your worst machine',
              subheading: 'An engineer looks at it, with you, for an hour, for nothing.',
              primaryText: 'Make an appointment',
              primaryLink: '/contact',
              secondaryText: 'Read how others did it',
              secondaryLink: '/case-studies',
              phone: '+91 20 5550 0140',
            },
          ],
        },
      },
    );
  }
  return industries;
};

export const makeStories = async (
  site: DemoSite,
  products: ReadonlyMap<string, number>,
  industries: ReadonlyMap<string, number>,
): Promise<void> => {
  for (const [index, each] of STORIES.entries()) {
    const heroImage = await site.machines(`story ${each.client}`, { machines: each.machines, tone: each.tone });
    site.record(
      caseStudy,
      {
        title: each.title,
        clientName: each.client,
        industry: industries.get(each.industry) ?? null,
        heroImage,
        summary: each.summary,
        challengeContent: paragraphs(each.challenge),
        challengeBullets: each.points,
        solutionContent: paragraphs(each.solution),
        outcomeContent: paragraphs(each.outcome),
        products: each.products.map((sku) => products.get(sku)).filter((id) => id !== undefined),
      },
      { daysAgo: 150 - index * 20, children: { metrics: each.metrics.map(([value, label]) => ({ value, label })) } },
    );
  }
};
