/** Settings, the front page, the company, partners and menus. */
import {
  companyOverview,
  aboutSettings,
  certification,
  coreValue,
  footerSettings,
  headerSettings,
  homepageCall,
  homepageHero,
  homepageStat,
  homepageTestimonial,
  milestone,
  mission,
  office,
  partner,
  partnerTestimonial,
  partnerTier,
  siteSettings,
} from '../../types/index.ts';
import { createFactsIntake } from '../site-facts.ts';
import type { Destination } from '../destination.ts';
import {
  CERTIFICATIONS,
  HEROES,
  MILESTONES,
  OFFICES,
  PARTNER_VOICES,
  PARTNERS,
  SITE,
  STATS,
  TESTIMONIALS,
  TIERS,
  VALUES,
} from './company.ts';
import type { DemoSite } from './demo-site.ts';
import { drawLogo, drawPortrait } from './drawing/emblem.ts';

export const makeSettings = (site: DemoSite): void => {
  site.record(siteSettings, SITE);
};

export const makeCompany = async (site: DemoSite): Promise<void> => {
  site.record(headerSettings, {
    callEnabled: true,
    callText: 'Request a quote',
    callLink: '/contact?type=rfq',
    showPhone: true,
    showEmail: true,
  });
  site.record(
    footerSettings,
    {
      copyright: '© {year} Bluejay Motion. A demonstration: nobody can buy any of this.',
      text: 'Made in Pune, Chennai and Dresden. Repaired everywhere.',
    },
    {
      children: {
        legalLinks: [
          { label: 'Imprint', link: '/about' },
          { label: 'Privacy', link: '/contact' },
        ],
      },
    },
  );
  site.record(aboutSettings, { showTeam: true });
  for (const { machines, tone, ...hero } of HEROES) {
    const background = await site.machines(`hero ${hero.headline}`, { machines, tone });
    site.record(homepageHero, { ...hero, background });
  }
  for (const [value, label] of STATS) site.record(homepageStat, { value, label });
  for (const [authorName, authorTitle, authorCompany, quote, rating] of TESTIMONIALS) {
    const authorImage = await site.picture(
      `portrait ${authorName}`,
      drawPortrait(authorName),
      `Portrait of ${authorName}, drawn`,
    );
    site.record(homepageTestimonial, { authorName, authorTitle, authorCompany, quote, rating, authorImage });
  }
  site.record(homepageCall, {
    headline: 'Bring us your worst machine.',
    description: 'Send a drawing or a telephone video. An engineer says within a day what can be measured there, and how well.',
    primaryText: 'Talk to an engineer',
    primaryLink: '/contact',
    secondaryText: 'All products',
    secondaryLink: '/products',
  });
  site.record(companyOverview, {
    headline: 'We make what machines feel, think and move with.',
    tagline: 'Since 1994, in Pune and Dresden.',
    main: SITE.aboutText,
    secondary:
      'We began by repairing the drives of others. What we learned from their failures is in everything that we build: fans that can be changed, screws instead of glue, parts that are there in thirty years.',
    tertiary:
      'Today 1,900 people work here. A third of them develop, a third build, and a third look after what is already in the field.',
    heroImage: await site.machines('about hero', { machines: ['axis', 'controller'], tone: 'blue' }),
    companyImage: await site.machines('about company', { machines: ['motor'], tone: 'yellow' }),
  });
  site.record(mission, {
    mission: 'Machines that do exactly what they should, and say so when they cannot.',
    vision: 'No machine is scrapped because a part of its control is not made any more.',
    values: 'Numbers before words, repair before replace, people before tickets.',
  });
  for (const [title, description, icon] of VALUES) site.record(coreValue, { title, description, icon });
  for (const [year, title, description] of MILESTONES)
    site.record(milestone, { year, title, description, isCurrent: year === 2026 });
  for (const [name, abbreviation, description] of CERTIFICATIONS) site.record(certification, { name, abbreviation, description });
  for (const [index, [name, addressLine1, city, state, postalCode, country, phone, mailbox]] of OFFICES.entries())
    site.record(office, {
      name,
      addressLine1,
      city,
      state,
      postalCode,
      country,
      phone,
      email: `${mailbox}@bluejay.example`,
      isPrimary: index === 0,
    });
};

export const makePartners = async (site: DemoSite): Promise<void> => {
  const tiers = new Map(TIERS.map(([name, description]) => [name as string, site.record(partnerTier, { name, description })]));
  const partners = new Map<string, number>();
  for (const [name, tier, description] of PARTNERS) {
    const logo = await site.picture(`logo ${name}`, drawLogo(name), `${name}, logo`);
    partners.set(
      name,
      site.record(partner, {
        name,
        tier: tiers.get(tier) ?? null,
        logo,
        description,
        website: `https://${name.toLowerCase().replaceAll(' ', '-')}.example`,
        isFeatured: true,
      }),
    );
  }
  for (const [name, quote, authorName, authorTitle] of PARTNER_VOICES)
    site.record(partnerTestimonial, { partner: partners.get(name) ?? null, quote, authorName, authorTitle });
};

/** Menus of the footer; the header's comes from its settings, as in a new site. */
export const makeMenus = ({ database, content, now }: Destination): void => {
  const facts = createFactsIntake({ database, content, now, ids: { record: () => undefined, media: () => undefined } });
  const page = (label: string, name: string, below: number | null = null) => ({
    label,
    linkType: 'page',
    url: '',
    page: name,
    opensNewTab: false,
    isActive: true,
    below,
  });
  facts.menu({
    name: 'Header',
    location: 'header',
    items: [
      page('Products', 'products'),
      page('Solutions', 'solutions'),
      { ...page('Knowledge', ''), linkType: 'dropdown' },
      page('Case studies', 'case-studies', 2),
      page('Whitepapers', 'whitepapers', 2),
      page('Blog', 'blog', 2),
      page('About', 'about'),
      page('Partners', 'partners'),
      page('Contact', 'contact'),
    ],
  });
  facts.menu({ name: 'Legal', location: 'footer_legal', items: [page('Imprint', 'about'), page('Privacy', 'contact')] });
};
