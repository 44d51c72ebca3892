import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { temporaryDirectory } from '@berth/testing';
import { pack } from 'tar-stream';
import type { ContentType } from '../content/content-type.ts';
import { sanitiseRichText } from '../content/sanitise.ts';
import { XSS_PAYLOADS } from '../content/testing/xss-payloads.ts';
import { CONTENT_TYPES } from '../types/index.ts';
import { importSite } from './import-site.ts';
import { LIMITS } from './site-format.ts';
import { openSite } from './testing/site.ts';

const MANIFEST = JSON.stringify({ format: 'bluejay-site', version: 1 });

type Entry = {
  readonly name: string;
  readonly type?: 'symlink' | 'link' | 'fifo';
  readonly linkname?: string;
  readonly content?: string | Buffer;
};

const writeTar = async (file: string, entries: readonly Entry[]): Promise<string> => {
  const tar = pack();
  const written = pipeline(tar, createGzip(), createWriteStream(file));
  for (const { content, ...header } of entries) tar.entry(header, content ?? '');
  tar.finalize();
  await written;
  return file;
};

const first: Entry = { name: 'site.json', content: MANIFEST };
const product = (more: object): string =>
  `${JSON.stringify({ id: 1, slug: 'x', fields: { name: 'X', sku: 'X', category: 1, description: '<p>x</p>', ...more } })}\n`;
const category: Entry = {
  name: 'records/product-category.1.jsonl',
  content: `${JSON.stringify({ id: 1, slug: 'pumps', fields: { name: 'Pumps', description: 'All', icon: 'category' } })}\n`,
};

test('what would leave the archive, or is no file, is passed over, and what is well comes', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  const source = await writeTar(directory.join('x.tar.gz'), [
    first,
    { name: '../../escaped.txt', content: 'x' },
    { name: '/tmp/escaped-absolutely.txt', content: 'x' },
    { name: 'media/../../escaped.png', content: 'x' },
    { name: 'media.jsonl', type: 'symlink', linkname: '/etc/passwd' },
    { name: 'records/product.2.jsonl', type: 'link', linkname: '/etc/passwd' },
    { name: 'fifo', type: 'fifo' },
    category,
    { name: 'records/product.1.jsonl', content: product({ secret: 1, __proto__: { polluted: 1 } }) },
  ]);
  const report = await importSite(site, { source });
  assert.equal(report.total('created'), 2, report.lines().join('\n'));
  const said = report.lines().join('\n');
  for (const what of ['escaped.txt', 'symlink', 'link', 'fifo', 'secret is not known'])
    assert.ok(said.includes(what), `${what} in\n${said}`);
  assert.deepEqual((await readdir(directory.path)).toSorted(), ['site', 'x.tar.gz']);
});

test('a directory whose parts are links is not followed', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  await mkdir(directory.join('in'));
  await writeFile(directory.join('in', 'site.json'), MANIFEST);
  await symlink('/etc', directory.join('in', 'media'));
  await symlink('/etc/passwd', directory.join('in', 'menus.json'));
  const report = await importSite(site, { source: directory.join('in') });
  assert.match(report.lines().join('\n'), /menus\.json: a symlink is not taken/);
});

const broken: readonly (readonly [string, RegExp, readonly Entry[]])[] = [
  [
    'of zeros that unpack to more than it can be',
    /unpacks to more/,
    [first, { name: 'unknown.bin', content: Buffer.alloc(LIMITS.ratioFrom + 2 ** 20) }],
  ],
  [
    'with a line without end',
    /a line of more than/,
    [first, { name: 'redirects.jsonl', content: Buffer.alloc(LIMITS.lineBytes + 2 ** 20, 'x') }],
  ],
  ['that begins with something else', /no exported site/, [category, first]],
  ['of a later release', /format version 2/, [{ name: 'site.json', content: '{"format":"bluejay-site","version":2}' }]],
  ['whose facts are no JSON', /no exported site/, [{ name: 'site.json', content: '{"format":' }]],
];
for (const [what, message, entries] of broken)
  test(`an archive ${what} is refused`, async () => {
    await using directory = await temporaryDirectory();
    await using site = await openSite(directory.join('site'));
    const source = await writeTar(directory.join('x.tar.gz'), entries);
    await assert.rejects(importSite(site, { source }), message);
  });

test('what is no tar.gz, or only half of one, is refused in words', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  await writeFile(directory.join('text.tar.gz'), 'hello');
  await assert.rejects(importSite(site, { source: directory.join('text.tar.gz') }), /no whole tar\.gz/);
  const header = Buffer.alloc(512);
  await assert.rejects(importSite(site, { source: directory.join('missing.tar.gz') }), /there is no/);
  await pipeline([header.fill('x')], createGzip(), createWriteStream(directory.join('bad.tar.gz')));
  await assert.rejects(importSite(site, { source: directory.join('bad.tar.gz') }), /no whole tar\.gz/);
});

test('lines that are no records, and values of any other shape, are refused one by one', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  const shapes: readonly unknown[] = [null, 1, 'x', [], [[]], {}, { toString: 1 }, -1, true, '\u0000', '𝕏'.repeat(30_000)];
  const lines = [
    ...['{', 'null', '[]', '""', '{"id":-1,"fields":{}}', '{"id":"1","fields":{}}', `${'['.repeat(100_000)}`],
    ...shapes.map((shape, index) =>
      JSON.stringify({ id: index + 10, slug: shape, status: shape, publishAt: shape, fields: shape, children: shape }),
    ),
    ...shapes.map((shape, index) =>
      JSON.stringify({
        id: index + 100,
        slug: `s-${index}`,
        seo: { title: shape, description: shape, image: shape },
        fields: Object.fromEntries(
          ['name', 'sku', 'tagline', 'category', 'description', 'isFeatured', 'featuredOrder'].map((name) => [name, shape]),
        ),
        children: { specs: [shape, { section: shape, key: shape, value: shape }], images: shape },
      }),
    ),
  ];
  const source = await writeTar(directory.join('x.tar.gz'), [
    first,
    { name: 'records/product.1.jsonl', content: lines.join('\n') },
  ]);
  const report = await importSite(site, { source });
  assert.equal(report.total('created'), 0, report.lines().join('\n'));
  assert.ok(report.total('refused') >= lines.length - 1, String(report.total('refused')));
});

test('no payload survives in any rich text, and lines of a text are only text', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  const entries = CONTENT_TYPES.filter(({ kind }) => kind === 'singleton' || kind === 'collection').map(
    (type): Entry => ({
      name: `records/${type.name}.1.jsonl`,
      content: XSS_PAYLOADS.map((payload, index) =>
        JSON.stringify({ id: index + 1, slug: `s-${index}`, fields: fieldsOf(type, `${index} ${payload}`) }),
      ).join('\n'),
    }),
  );
  const report = await importSite(site, { source: await writeTar(directory.join('x.tar.gz'), [first, ...entries]) });
  assert.ok(report.total('refused') > 0);
  let texts = 0;
  for (const type of CONTENT_TYPES)
    for (const record of site.content.list(type, { perPage: 1_000 }).records)
      for (const [name, field] of Object.entries(type.fields)) {
        const value = (record.fields as Readonly<Record<string, unknown>>)[name];
        if (field.kind === 'richText') {
          texts += 1;
          assert.equal(sanitiseRichText(String(value)), value);
        }
        if (field.kind === 'text' && (field.format === 'link' || field.format === 'url'))
          assert.doesNotMatch(String(value), /script|data:|^\/\//i);
      }
  assert.ok(texts > 100, `${texts} rich texts`);
});

const fieldsOf = (type: ContentType, payload: string): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(type.fields).flatMap(([name, field]): [string, unknown][] =>
      field.kind === 'choice' ||
      field.kind === 'flag' ||
      field.kind === 'number' ||
      field.kind === 'color' ||
      field.kind === 'icon'
        ? []
        : [[name, payload]],
    ),
  );
