/** What visitors would have sent: 15 messages, 29 downloads. Nobody of them exists. */
import { STATUSES } from '../../leads/submissions.ts';
import type { Destination } from '../destination.ts';
import { createFactsIntake } from '../site-facts.ts';
import { createDice } from './random.ts';

const FIRST = [
  'Aarav',
  'Meera',
  'Jonas',
  'Clara',
  'Diego',
  'Yuki',
  'Fatima',
  'Noah',
  'Ingrid',
  'Samuel',
  'Lakshmi',
  'Pavel',
  'Amara',
  'Bence',
  'Chloé',
] as const;
const LAST = [
  'Joshi',
  'Nair',
  'Berger',
  'Lind',
  'Romero',
  'Tanaka',
  'Haddad',
  'Walker',
  'Dahl',
  'Okoye',
  'Iyer',
  'Novák',
  'Diallo',
  'Kovács',
  'Martin',
] as const;
const COMPANIES = [
  'Monsoon Foods',
  'Elbe Maschinenbau',
  'Norrland Paper',
  'Andes Mining',
  'Kinki Glass',
  'Gulf Desalination',
  'Ohio Forge',
  'Fjord Feed',
  'Lagos Bottling',
  'Coromandel Textiles',
] as const;

const MESSAGES: readonly (readonly [kind: 'contact' | 'rfq', inquiry: string, product: string, message: string])[] = [
  ['rfq', 'sales', 'BJ-S4', 'We build wrapping machines and need 40 pieces a year. Please quote, with single cables of 8 m.'],
  ['contact', 'support', '', 'Our P200 shows a zero drift of 0.3 % after cleaning at 95 °C. Is that within what is expected?'],
  ['contact', 'demo', '', 'Could somebody show the automatic tuning on a machine of ours? We are near Leipzig.'],
  ['rfq', 'sales', 'BJ-F80', 'DN 150, PN 16, hard rubber, for drinking water. Six pieces, delivery in March.'],
  [
    'contact',
    'partnership',
    '',
    'We do retrofits of textile machines in Coimbatore and would like to become a certified partner.',
  ],
  ['contact', 'other', '', 'I am writing a thesis on bearing diagnosis. May I use the figures of your blog?'],
  ['rfq', 'sales', 'BJ-R90', 'A hoist with 40 t, 55 kW. What would we save? Load profile can be sent.'],
  ['contact', 'support', '', 'Where do I find the description of the registers of the G2?'],
  ['contact', 'sales', '', 'Is there a version of the D12 with a cable of 20 m?'],
  ['rfq', 'sales', 'BJ-L7', 'Axis with 4,200 mm, motor on the left, for a cutting table.'],
  ['contact', 'demo', '', 'Please invite us to the next open Friday in Dresden. We are four people.'],
  ['contact', 'support', '', 'The gateway reports “buffer at 80 %”. What happens at 100?'],
  ['rfq', 'sales', 'BJ-V4', '120 sensors for fans of a cement works, with gateways. Frame contract for three years.'],
  ['contact', 'other', '', 'Do you take trainees from abroad?'],
  ['contact', 'sales', '', 'Which of your drives can replace the Heron of 1999? We still have eleven.'],
];

const DAY_MS = 86_400_000;

export const makeLeads = (
  { database, content, now }: Destination,
  todayMs: number,
  whitepapers: readonly { readonly id: number; readonly title: string }[],
): void => {
  const facts = createFactsIntake({ database, content, now, ids: { record: (_, id) => id, media: () => undefined } });
  const dice = createDice('leads');
  const person = (number: number) => {
    const [first = 'Ada', last = 'Berger'] = [FIRST[number % FIRST.length], LAST[(number * 7 + 3) % LAST.length]];
    const name = `${first} ${last}`;
    const email = `${name
      .normalize('NFD')
      .replaceAll(/[^A-Za-z ]/g, '')
      .toLowerCase()
      .replace(' ', '.')}@customer.example`;
    return {
      name,
      email,
      company: COMPANIES[number % COMPANIES.length] ?? '',
      network: `198.51.100.0/24`,
      userAgent: 'Mozilla/5.0 (demo)',
    };
  };
  for (const [index, [kind, inquiry, product, message]] of MESSAGES.entries()) {
    const status = index < 5 ? 'new' : STATUSES[index % STATUSES.length];
    const createdAt = new Date(todayMs - index * 2.3 * DAY_MS - dice.between(1, 9) * 3_600_000).toISOString();
    facts.submission({
      ...person(index),
      phone: `+91 20 5550 ${String(1_000 + index * 37)}`,
      kind,
      inquiry,
      product,
      message,
      status,
      notes: status === 'replied' ? 'Answered by telephone.' : '',
      createdAt,
    });
  }
  for (let index = 0; index < 29; index++) {
    const chosen = whitepapers[dice.between(0, whitepapers.length - 1)];
    const createdAt = new Date(todayMs - index * 1.7 * DAY_MS - dice.between(1, 9) * 3_600_000).toISOString();
    facts.download({
      ...person(index + 4),
      whitepaper: chosen?.id ?? 0,
      whitepaperTitle: chosen?.title ?? '',
      designation: index % 3 === 0 ? 'Engineer' : '',
      hasConsented: index % 4 === 0,
      createdAt,
    });
  }
};
