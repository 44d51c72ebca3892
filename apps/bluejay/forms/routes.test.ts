/** What visitors send: who is believed, what is said, what is kept. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { XSS_PAYLOADS } from '../content/testing/xss-payloads.ts';
import { openDownloads } from '../leads/downloads.ts';
import { openSubmissions } from '../leads/submissions.ts';
import { openStorySite, PDF, type StorySite } from '../site/stories/testing/story-site.ts';
import { findHtmlMistakes } from '../site/testing/html-validator.ts';
import { MOST_MESSAGES, WINDOW_MS } from './limits.ts';
import { PROOF_BITS } from './proof-of-work.ts';

const CONTACT = { page: '/contact', action: '/contact/submit' };
const PAPER = { page: '/whitepapers/how-often-to-calibrate', action: '/whitepapers/how-often-to-calibrate/download' };
const ADDRESS = '203.0.113.77';
const TYPED = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  phone: '+44 20 5550 1842',
  company: 'Analytical Engines',
  message: 'How many\ncogs?',
  inquiry_type: 'sales',
};
const LEAD = {
  name: 'Ada Lovelace',
  email: 'ada@example.com',
  company: 'Analytical Engines',
  designation: 'Countess',
  marketing_consent: 'on',
};

type Fields = Readonly<Record<string, string>>;
type Headers = Readonly<Record<string, string>>;

const inputOf = (text: string, name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '';

const prove = (token: string, salt: string): string => {
  for (let nonce = 0; ; nonce += 1) {
    const digest = createHash('sha256').update(`${token}:${salt}:${nonce}`).digest();
    if (digest.readUInt32BE() >>> (32 - PROOF_BITS) === 0) return `${salt}.${nonce}`;
  }
};

describe('forms of the site', () => {
  let site: StorySite;
  let proofs = 0;

  before(async () => {
    site = await openStorySite();
  });
  after(() => site[Symbol.asyncDispose]());
  // Everybody starts anew.
  beforeEach(() => {
    site.clock.nowMs += WINDOW_MS + 1;
    site.database.exec('DELETE FROM contact_submissions; DELETE FROM whitepaper_downloads');
    site.logged.length = 0;
    site.counted.clear();
  });

  const messages = () => openSubmissions(site.database, () => site.clock.nowMs).all({});
  const leads = () => openDownloads(site.database, () => site.clock.nowMs).all({});
  const send = async (action: string, fields: Fields, headers: Headers = {}) => {
    const answer = await site.server.inject({
      method: 'POST',
      url: action,
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        accept: 'text/html',
        'x-forwarded-for': ADDRESS,
        ...headers,
      },
      payload: new URLSearchParams(fields).toString(),
    });
    return { status: answer.statusCode, headers: answer.headers, text: answer.body };
  };
  /** What the page's script adds, after a while. */
  const proven = async (page: string): Promise<Fields> => {
    const token = inputOf((await site.get(page)).text, 'form_token');
    site.clock.nowMs += 3_000;
    proofs += 1;
    return { form_token: token, form_proof: prove(token, `salt${String(proofs).padStart(6, '0')}`), website: '' };
  };
  const isValid = async (text: string): Promise<void> => {
    const whole = text.startsWith('<!doctype')
      ? text
      : `<!doctype html><html lang="en"><head><title>x</title></head><body><h1>x</h1>${text}</body></html>`;
    assert.deepEqual(await findHtmlMistakes(whole), []);
  };
  const HX = { 'hx-request': 'true' };

  test('a message is kept as it was typed, with as much of the sender as is needed, and counted', async () => {
    const answer = await send(CONTACT.action, { ...TYPED, ...(await proven(CONTACT.page)) }, { ...HX, 'user-agent': 'Test' });
    assert.equal(answer.status, 200);
    assert.doesNotMatch(answer.text, /<html|<form/);
    assert.match(answer.text, /role="status"/);
    assert.equal(answer.headers['cache-control'], 'private, no-store');
    await isValid(answer.text);
    const [message] = messages();
    assert.partialDeepStrictEqual(message, {
      name: TYPED.name,
      email: TYPED.email,
      phone: TYPED.phone,
      company: TYPED.company,
      message: TYPED.message,
      inquiry: 'sales',
      kind: 'contact',
      product: '',
      network: '203.0.113.0/24',
      userAgent: 'Test',
      status: 'new',
    });
    assert.deepEqual([...site.counted], [['submissions contact', 1]]);
    const said = JSON.stringify(site.logged);
    assert.match(said, /message_received/);
    for (const personal of [TYPED.name, TYPED.email, TYPED.phone, TYPED.company, ADDRESS, '203.0.113.0'])
      assert.ok(!said.includes(personal), personal);
  });

  test('a request for a quote names its product', async () => {
    const page = '/contact?type=rfq&product=WR-4-100';
    const { text } = await site.get(page);
    const fields = {
      ...TYPED,
      submission_type: inputOf(text, 'submission_type'),
      product: inputOf(text, 'product'),
      inquiry_type: '',
    };
    assert.equal((await send(CONTACT.action, { ...fields, ...(await proven(page)) })).status, 200);
    assert.partialDeepStrictEqual(messages()[0], { kind: 'rfq', product: 'WR-4-100', inquiry: 'sales' });
    assert.deepEqual([...site.counted], [['submissions rfq', 1]]);
  });

  for (const consent of ['on', '1', 'true', '', 'off'])
    test(`a lead with consent “${consent}” is kept, and gets a link that ends after a day`, async () => {
      const answer = await send(PAPER.action, { ...LEAD, marketing_consent: consent, ...(await proven(PAPER.page)) }, HX);
      assert.equal(answer.status, 200);
      await isValid(answer.text);
      const token = /href="\/files\/([^"]+)"/.exec(answer.text)?.[1] ?? '';
      assert.equal(site.signer.verify('media-file', token), String(PDF));
      assert.partialDeepStrictEqual(leads()[0], {
        whitepaper: site.example.whitepaper,
        whitepaperTitle: 'How often to calibrate',
        name: LEAD.name,
        designation: 'Countess',
        hasConsented: ['on', '1', 'true'].includes(consent),
        network: '203.0.113.0/24',
      });
      assert.deepEqual([...site.counted], [['submissions whitepaper', 1]]);
      site.clock.nowMs += 86_400_000;
      assert.equal(site.signer.verify('media-file', token), undefined);
    });

  const mistakes: readonly { form: typeof CONTACT; typed: Fields; field: string; value: string; said: RegExp }[] = [
    ...['name', 'email', 'phone', 'company', 'message'].map((field) => ({
      form: CONTACT,
      typed: TYPED,
      field,
      value: ' \t',
      said: /Please (?:tell us|write)/,
    })),
    ...['name', 'email', 'company'].map((field) => ({ form: PAPER, typed: LEAD, field, value: '', said: /Please tell us/ })),
    ...['ada', 'ada@', '@example.com', 'ada@example', 'a b@example.com', 'ada@example.com, eve@example.com'].map((value) => ({
      form: CONTACT,
      typed: TYPED,
      field: 'email',
      value,
      said: /looks like name@example\.com/,
    })),
    { form: PAPER, typed: LEAD, field: 'email', value: 'nobody', said: /looks like/ },
    { form: CONTACT, typed: TYPED, field: 'name', value: 'x'.repeat(121), said: /At most 120 characters/ },
    { form: CONTACT, typed: TYPED, field: 'message', value: 'x'.repeat(5_001), said: /At most 5,000 characters/ },
    { form: CONTACT, typed: TYPED, field: 'company', value: 'x'.repeat(161), said: /At most 160 characters/ },
    { form: CONTACT, typed: TYPED, field: 'inquiry_type', value: 'gossip', said: /choose one of the list/ },
    { form: PAPER, typed: LEAD, field: 'designation', value: 'x'.repeat(161), said: /At most 160 characters/ },
  ];
  for (const { form, typed, field, value, said } of mistakes)
    test(`${form.action}: ${field} “${value.slice(0, 30)}” is said to be wrong beside it, and all else is kept in the form`, async () => {
      const fields = { ...typed, [field]: value, ...(await proven(form.page)) };
      const [fragment, page] = [await send(form.action, fields, HX), await send(form.action, fields)];
      for (const { status, text } of [fragment, page]) {
        assert.equal(status, 400);
        const error = new RegExp(`aria-describedby="(\\w+-${field.replace('_', '-')}-error)"`).exec(text)?.[1];
        assert.ok(error !== undefined, 'the input is marked');
        assert.match(text.slice(text.indexOf(`id="${error}"`)), said);
        assert.equal([...text.matchAll(/class="field-error"/g)].length, 1);
        if (field !== 'company') assert.match(text, /value="Analytical Engines"/);
        await isValid(text);
      }
      assert.doesNotMatch(fragment.text, /<html/);
      assert.match(page.text, /<link rel="stylesheet"/);
      assert.match(page.text, /<meta name="robots" content="noindex">/);
      assert.equal(messages().length + leads().length, 0);
    });

  test('whoever sends nothing at all hears of everything that is missing', async () => {
    for (const [form, count] of [
      [CONTACT, 5],
      [PAPER, 3],
    ] as const) {
      const { status, text } = await send(form.action, {});
      assert.equal(status, 400);
      assert.equal([...text.matchAll(/class="field-error"/g)].length, count);
    }
  });

  for (const [form, typed] of [
    [CONTACT, TYPED],
    [PAPER, LEAD],
  ] as const)
    test(`${form.action}: without a script all is shown once more, and a second click of the same words sends it, once`, async () => {
      const { form_token } = await proven(form.page);
      const first = await send(form.action, { ...typed, form_token: form_token ?? '', form_proof: '', website: '' });
      assert.equal(first.status, 200);
      assert.equal(messages().length + leads().length, 0);
      assert.match(first.text, /One more click/);
      assert.match(first.text, /<dd>Analytical Engines<\/dd>/);
      await isValid(first.text);
      const inputs = [
        ...first.text
          .slice(first.text.indexOf('<form class="form-confirm"'))
          .matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g),
      ];
      const second = Object.fromEntries(inputs.map(([, name = '', value = '']) => [name, value]));
      const changing = await send(form.action, { ...second, form_change: '1' });
      assert.match(changing.text, /<input class="input"[^>]* value="Analytical Engines"/, 'back to the form');
      site.clock.nowMs += 3_000;
      assert.equal((await send(form.action, second)).status, 200);
      assert.equal(messages().length + leads().length, 1);
      const again = await send(form.action, second);
      assert.equal(again.status, 400, 'a second time');
      assert.match(again.text, /send it once more/);
      assert.equal(messages().length + leads().length, 1);
    });

  for (const [form, typed] of [
    [CONTACT, TYPED],
    [PAPER, LEAD],
  ] as const)
    test(`${form.action}: a program that fills in what people do not see hears that all is well, and gets nothing`, async () => {
      const { status, text } = await send(
        form.action,
        { ...typed, ...(await proven(form.page)), website: 'https://spam.example' },
        HX,
      );
      assert.equal(status, 200);
      assert.match(text, /Thank you/);
      assert.equal(messages().length + leads().length, 0);
      assert.equal(site.counted.size, 0);
      const token = /href="\/files\/([^"]+)"/.exec(text)?.[1];
      assert.equal(token === undefined ? undefined : site.signer.verify('media-file', token), undefined);
    });

  test('what another site sends is refused', async () => {
    const fields = { ...TYPED, ...(await proven(CONTACT.page)) };
    const foreign: readonly Headers[] = [
      { origin: 'https://evil.example' },
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ];
    for (const headers of foreign) {
      const { status, text } = await send(CONTACT.action, fields, headers);
      assert.equal(status, 403);
      await isValid(text);
    }
    assert.equal(messages().length, 0);
    const own = { origin: 'https://www.example.com', 'sec-fetch-site': 'same-origin' };
    assert.equal((await send(CONTACT.action, fields, own)).status, 200);
  });

  test(`after ${MOST_MESSAGES} within an hour, mistakes included and both forms together, one waits; others do not`, async () => {
    for (let count = 0; count < MOST_MESSAGES; count += 1)
      assert.equal((await send(count % 2 === 0 ? CONTACT.action : PAPER.action, { ...TYPED, email: 'wrong' })).status, 400);
    const fields = { ...TYPED, ...(await proven(CONTACT.page)) };
    const page = await send(CONTACT.action, fields);
    const fragment = await send(PAPER.action, LEAD, HX);
    for (const accept of ['application/json', '*/*', ''])
      assert.deepEqual(
        ((answer) => [answer.status, answer.text, answer.headers['content-type']])(
          await send(CONTACT.action, fields, { accept }),
        ),
        [429, '{"error":"Too many requests. Please try again later."}', 'application/json; charset=utf-8'],
      );
    for (const { status, headers, text } of [page, fragment]) {
      assert.equal(status, 429);
      assert.ok(
        Number(headers['retry-after']) > 3_500 && Number(headers['retry-after']) <= 3_600,
        String(headers['retry-after']),
      );
      assert.match(text, /Please try again in 60 minutes/);
      assert.match(text, /value="Analytical Engines"/, 'what was typed is kept');
      await isValid(text);
    }
    assert.match(page.text, /<html/);
    assert.doesNotMatch(fragment.text, /<html/);
    assert.equal(site.counted.get('limited form'), 5);
    assert.equal(
      (await send(CONTACT.action, { ...TYPED, ...(await proven(CONTACT.page)) }, { 'x-forwarded-for': '198.51.100.4' })).status,
      200,
    );
    assert.equal(messages().length, 1);
    site.clock.nowMs += Number(page.headers['retry-after']) * 1_000;
    assert.equal((await send(CONTACT.action, fields)).status, 200, 'the proof was not used up by waiting');
  });

  test('what is typed comes back as text, never as markup', async () => {
    const tags = (text: string): string => [...text.matchAll(/<\/?[a-z][a-z0-9]*/gi)].map(([tag]) => tag.toLowerCase()).join(' ');
    /** Everything too long, so that all of it is shown again; then everything right, to be confirmed. */
    const answers = async (value: string) => {
      site.clock.nowMs += WINDOW_MS;
      const token = { form_token: inputOf((await site.get(CONTACT.page)).text, 'form_token'), submission_type: 'rfq' };
      site.clock.nowMs += 3_000;
      const long = (characters: number): string => value + 'x'.repeat(characters);
      const wrong = {
        name: long(200),
        company: long(200),
        email: `${value} `,
        phone: long(60),
        product: long(70),
        message: long(5_000),
      };
      const right = {
        name: `n ${value}`,
        company: `c ${value}`,
        phone: '1',
        product: 'p',
        message: `m ${value}`,
        email: TYPED.email,
      };
      const shown = [
        await send(CONTACT.action, { ...token, ...wrong }, HX),
        await send(CONTACT.action, { ...token, ...right }, HX),
      ];
      return shown.map(({ text }) => text);
    };
    const plain = (await answers('plain')).map(tags);
    // Longer ones are too long for a name, which the first half shows.
    for (const payload of XSS_PAYLOADS.filter(({ length }) => length < 110)) {
      const texts = await answers(payload.toWellFormed());
      assert.deepEqual(texts.map(tags), plain, payload);
      if (payload.length > 12 && /[<>"']/.test(payload)) for (const text of texts) assert.ok(!text.includes(payload), payload);
    }
  });

  for (const [what, action] of [
    ['a draft', '/whitepapers/peregrine-0/download'],
    ['one that does not exist', '/whitepapers/nonsense/download'],
  ])
    test(`the form of ${what} is not there`, async () => {
      assert.equal((await send(action ?? '', { ...LEAD })).status, 404);
      assert.equal(leads().length, 0);
    });

  test('a body that is no form is a form in which everything is missing', async () => {
    for (const [type, payload] of [
      ['application/json', '{"name":["x"],"email":{"$ne":1}}'],
      ['application/json', '[1]'],
    ] as const) {
      const answer = await site.server.inject({
        method: 'POST',
        url: CONTACT.action,
        headers: { 'content-type': type, ...HX },
        payload,
      });
      assert.equal(answer.statusCode, 400);
    }
    assert.equal(messages().length, 0);
  });

  test('the addresses of answers lead back to their pages', async () => {
    for (const [path, target] of [
      [CONTACT.action, CONTACT.page],
      [PAPER.action, PAPER.page],
    ] as const) {
      const { status, headers } = await site.get(path);
      assert.deepEqual([status, headers['location']], [303, target]);
    }
  });
});
