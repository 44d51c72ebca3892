/** The front page and the company itself. */
import type { MachineName } from './drawing/picture.ts';
import type { ToneName } from './drawing/solids.ts';

export const SITE = {
  siteName: 'Bluejay Motion',
  siteTagline: 'Sensors, drives and motion control',
  aboutText:
    'Bluejay Motion makes what machines feel, think and move with. Everything is developed in Pune and Dresden, built in three factories, and repaired for as long as it runs.',
  contactEmail: 'hello@bluejay.example',
  contactPhone: '+91 20 5550 0140',
  address: 'Plot 14, Rajiv Gandhi Technology Park\nPune 411057, India',
  businessHours: 'Monday to Friday, 8:00 to 18:00',
  linkedin: 'https://www.linkedin.com/company/bluejay-motion-example',
  youtube: 'https://www.youtube.com/@bluejay-motion-example',
  github: 'https://github.com/bluejay-motion-example',
  metaDescription: 'Sensors, servo drives, motors, controllers and gateways for machines that have to run for thirty years.',
  metaKeywords: 'sensors, drives, motion control, automation',
} as const;

export const HEROES: readonly {
  readonly headline: string;
  readonly subheadline: string;
  readonly badge: string;
  readonly secondaryText: string;
  readonly secondaryLink: string;
  readonly machines: readonly MachineName[];
  readonly tone: ToneName;
}[] = [
  {
    headline: 'Machines that know what they are doing.',
    subheadline:
      'Sensors, drives and controllers that share one clock, one cable and one set of tools. From the pipe to the program.',
    badge: 'New: Heron S4, four axes',
    secondaryText: 'Talk to an engineer',
    secondaryLink: '/contact',
    machines: ['robot', 'conveyor'],
    tone: 'blue',
  },
  {
    headline: 'Measured once. Right for years.',
    subheadline: 'Our transmitters verify themselves every night and tell you before they drift, not after the audit.',
    badge: 'Sensors',
    secondaryText: 'All sensors',
    secondaryLink: '/products/sensors',
    machines: ['tanks', 'flowmeter'],
    tone: 'yellow',
  },
  {
    headline: 'Old machines, new data.',
    subheadline:
      'The Kestrel gateway listens to what is there already: forty protocols, no change to the program, seven days of memory.',
    badge: 'Connectivity',
    secondaryText: 'See the gateway',
    secondaryLink: '/products/connectivity',
    machines: ['controller', 'gateway'],
    tone: 'green',
  },
];

export const STATS = [
  ['41', 'countries with our machines in them'],
  ['0.05\u00a0%', 'accuracy, guaranteed for five years'],
  ['62 µs', 'from measurement to motion'],
  ['30 yrs', 'of spare parts for everything we make'],
  ['24 h', 'until an engineer answers'],
  ['2.4 M', 'devices in the field'],
] as const;

export const TESTIMONIALS = [
  [
    'Mara Lindqvist',
    'Head of maintenance',
    'Nordvatten',
    'We found a leak that had been there for three years on the first afternoon. The meter had been right all along.',
    5,
  ],
  [
    'Ibrahim Okafor',
    'Process engineer',
    'Delta Foods',
    'It was installed before the coffee was ready. When we had a question on a Sunday, a person answered.',
    5,
  ],
  [
    'Priya Raman',
    'Plant manager',
    'Sahyadri Packaging',
    'Four axes in one box, and the cabinet door closes again. Our electricians asked who had designed it.',
    5,
  ],
  [
    'Tomasz Wilk',
    'Head of engineering',
    'Baltic Press',
    'Programs as text files in version control. After twenty years I can say what changed on a machine, and who did it.',
    4,
  ],
] as const;

export const VALUES = [
  ['Repair before replace', 'Every device can be opened, and every part can be ordered for thirty years.', 'verified'],
  ['Say the number', 'We publish what we measured, with its uncertainty, also when it is not flattering.', 'visibility'],
  ['No cloud required', 'Everything works in a cellar without a network. What leaves the plant is your decision.', 'factory'],
  ['Engineers answer', 'Who has developed something also answers questions about it.', 'phone'],
  ['Simple beats clever', 'A machine is looked after at three in the morning by somebody who has never seen it.', 'check'],
  ['Leave it better', 'What we do not use goes back into the grid, and our packaging into the next parcel.', 'star'],
] as const;

export const MILESTONES = [
  [1994, 'A workshop in Pune', 'Two engineers repair imported drives and find out why they fail.'],
  [1999, 'The first Heron', 'A servo drive of our own, with a fan that can be changed without a tool.'],
  [2006, 'Dresden', 'A second development site, for sensors.'],
  [2012, 'One clock', 'Sensors, drives and controllers share one time, to a microsecond.'],
  [2018, 'A million devices', 'The millionth transmitter goes to a waterworks in Malmö.'],
  [2022, 'Energy back', 'The Pelican gives braking energy to the grid.'],
  [2026, 'Heron S4', 'Four axes in the space of one.'],
] as const;

export const CERTIFICATIONS = [
  ['Quality management', 'ISO 9001', 'All sites, audited every year.'],
  ['Environmental management', 'ISO 14001', 'All factories.'],
  ['Information security', 'ISO 27001', 'Development and support.'],
  ['Functional safety', 'IEC 61508', 'Drives and controllers up to SIL 3.'],
  ['Industrial security', 'IEC 62443-4-1', 'How we develop, and how we answer reports.'],
  ['Explosive atmospheres', 'ATEX / IECEx', 'Transmitters and flow meters.'],
] as const;

export const OFFICES = [
  [
    'Pune, headquarters',
    'Plot 14, Rajiv Gandhi Technology Park',
    'Pune',
    'Maharashtra',
    '411057',
    'India',
    '+91 20 5550 0140',
    'pune',
  ],
  ['Bengaluru', '88 Residency Road', 'Bengaluru', 'Karnataka', '560025', 'India', '+91 80 5550 0177', 'bengaluru'],
  ['Chennai, factory', '3 Guindy Industrial Estate', 'Chennai', 'Tamil Nadu', '600032', 'India', '+91 44 5550 0119', 'chennai'],
  ['Dresden', 'Manfred-von-Ardenne-Ring 20', 'Dresden', 'Saxony', '01099', 'Germany', '+49 351 5550 120', 'dresden'],
  ['Gothenburg', 'Lindholmspiren 5', 'Gothenburg', 'Västra Götaland', '417 56', 'Sweden', '+46 31 555 01 40', 'gothenburg'],
  ['Detroit', '1555 Woodward Avenue', 'Detroit', 'Michigan', '48226', 'United States', '+1 313 555 0142', 'detroit'],
] as const;

export const TIERS = [
  ['Premier', 'They build whole lines with our products, and train others to.'],
  ['Certified', 'Their engineers have passed our examinations.'],
  ['Technology', 'What they make works with what we make, and both of us have tested it.'],
] as const;

export const PARTNERS: readonly (readonly [name: string, tier: string, description: string])[] = [
  ['Helix Lines', 'Premier', 'Complete packaging lines, from Pune to Porto.'],
  ['Nordtek', 'Premier', 'Waterworks and district heating in the Nordic countries.'],
  ['Ostara Robotics', 'Premier', 'Loading cells for presses and machine tools.'],
  ['Tidewater Systems', 'Certified', 'Pumping stations and locks.'],
  ['Kaveri Controls', 'Certified', 'Cabinets and programs for textile machines.'],
  ['Baumwerk', 'Certified', 'Retrofits of presses from the seventies.'],
  ['Lumen Test', 'Certified', 'Test benches for motors and batteries.'],
  ['Quanta Fieldbus', 'Technology', 'Network analysers and certified cables.'],
  ['Verdant Energy', 'Technology', 'Storage for what our drives give back.'],
  ['Cobalt Vision', 'Technology', 'Cameras that trigger on our clock.'],
  ['Parallax Software', 'Technology', 'Simulation of machines before they exist.'],
];

export const PARTNER_VOICES = [
  ['Helix Lines', 'We commission a line in nine days now. It used to be three weeks.', 'Sanjana Deshmukh', 'Managing director'],
  [
    'Nordtek',
    'When a device fails, we get the same device. Not its successor, not an adapter.',
    'Erik Sandström',
    'Head of projects',
  ],
  [
    'Ostara Robotics',
    'One program for the arm and for the press. Our customers finally understand both.',
    'Léa Fournier',
    'Chief engineer',
  ],
] as const;
