/** The media library at the edge: what visible pages show is served without the app, and nothing else is. BERTH_DOSE=torture: 1 GB. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { linkSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { noise, picture } from '../../apps/bluejay/media/testing/pictures.ts';
import { waitUntil } from '@berth/testing';
import type { PanelClient } from '../../apps/bluejay/testing/panel-client.ts';
import { BerthSite, EDGE_LOOKS_WITHIN_MS } from './berth-site.ts';

const SUM_BYTES = process.env.BERTH_DOSE === 'torture' ? 1e9 : 100e6;

let site: BerthSite;
let panel: PanelClient;
let category: number;
before(async () => {
  site = await BerthSite.open();
  panel = await site.panel();
  category = await panel.create('product-categories', { 'field.name': 'Radios', 'field.description': 'All of them' });
});
after(async () => {
  panel?.[Symbol.dispose]();
  await site?.[Symbol.asyncDispose]();
});

const createProduct = (name: string, image: number, status: 'draft' | 'published'): Promise<number> =>
  panel.create('products', {
    'field.name': name,
    'field.sku': name,
    'field.category': String(category),
    'field.description': '<p>x</p>',
    'field.primaryImage': String(image),
    status,
  });

const filesIn = (folder: 'renditions' | 'public'): readonly string[] => readdirSync(join(site.uploads, folder));
const bytesOf = (name: string): number => statSync(join(site.uploads, 'public', name)).size;
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What stands on the page of a product, as browsers find it. */
const picturesOn = async (path: string): Promise<readonly string[]> => [
  ...new Set((await site.get(path)).body.match(/\/uploads\/[\w.-]+/g)),
];

const assertSafe = ({ headers }: Awaited<ReturnType<BerthSite['get']>>): void => {
  assert.match(String(headers['cache-control']), /immutable/);
  assert.match(String(headers['cache-control']), /max-age=31536000/);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(String(headers['content-security-policy']), /^default-src 'none';.*; sandbox$/);
};

/** As the app knows them; each has a name of its own. */
function sizesOf(media: number): readonly string[] {
  using database = new DatabaseSync(site.database, { readOnly: true });
  const rows = database.prepare('SELECT name FROM media_renditions WHERE media_id = ?').all(media);
  return rows.map(({ name }) => String(name));
}

const untilAnswered = async (paths: readonly string[], status: number): Promise<void> => {
  assert.notEqual(paths.length, 0);
  const isSo = async (path: string): Promise<boolean> => (await site.get(path)).status === status;
  for (const path of paths)
    await waitUntil(() => isSo(path), { what: `the edge answered ${path} with ${status}`, withinMs: EDGE_LOOKS_WITHIN_MS });
};

test('what a product shows is at the edge as soon as the product is visible, and gone when it is not', async () => {
  const image = await panel.upload('noise.jpg', Uint8Array.from(await noise('jpeg', 1_600, 1_200)), 'Noise');
  const product = await createProduct('loud', image, 'published');
  const shown = await picturesOn('/products/radios/loud');
  assert.ok(shown.length > 1, 'several sizes');
  for (const path of shown) {
    const answer = await site.get(path);
    assert.equal(answer.status, 200, path);
    assert.match(String(answer.headers['content-type']), /^image\/(?:avif|webp|jpeg)$/);
    assertSafe(answer);
    assert.equal(digestOf(answer.bytes), digestOf(readFileSync(join(site.uploads, 'renditions', path.replace('/uploads/', '')))));
  }
  await panel.change('products', product, { status: 'draft' });
  assert.equal((await site.get('/products/radios/loud')).status, 404);
  await untilAnswered(shown, 404);
  const { headers } = await site.get(shown[0] ?? '');
  assert.doesNotMatch(String(headers['cache-control']), /immutable/, 'nobody may remember for ever that it is not there');
  await panel.change('products', product, { status: 'published' });
  await untilAnswered(await picturesOn('/products/radios/loud'), 200);
});

test('a picture of a draft is not at the edge, under none of its names', async () => {
  const image = await panel.upload(
    'secret.png',
    Uint8Array.from(await picture('png', { width: 1_200, colour: '#DC2626' })),
    'Secret',
  );
  await createProduct('secret', image, 'draft');
  const names = sizesOf(image);
  for (const name of names) assert.ok(filesIn('renditions').includes(name), name);
  assert.ok(names.length > 1, 'several sizes were made');
  for (const name of names) assert.equal((await site.get(`/uploads/${name}`)).status, 404, name);
  for (const path of ['/uploads/', '/uploads/../renditions/', '/uploads/..%2frenditions%2f'].flatMap((start) => [
    start,
    start + names[0],
  ]))
    assert.ok([400, 404].includes((await site.get(path)).status), path);
});

test(`while the app is stopped the edge serves ${SUM_BYTES / 1e6} MB of pictures, whole and in parts`, async (t) => {
  await site.berth(['stop', 'bluejay']);
  const [largest = ''] = filesIn('public').toSorted((a, b) => bytesOf(b) - bytesOf(a));
  const content = readFileSync(join(site.uploads, 'public', largest));
  const expected = digestOf(content);
  const extension = /\.\w+$/.exec(largest)?.[0] ?? '';
  const names = Array.from(
    { length: Math.ceil(SUM_BYTES / content.length) },
    (_, n) => `${String(n).padStart(24, '0')}${extension}`,
  );
  // The same bytes under many names: the app would take them away again when it starts.
  for (const name of names) linkSync(join(site.uploads, 'public', largest), join(site.uploads, 'public', name));
  assert.equal((await site.get('/')).status, 503, 'the app is stopped');

  using visitor = site.visitor();
  const began = performance.now();
  let bytes = 0;
  for (const name of names) {
    const answer = await visitor.send(`/uploads/${name}`);
    assert.equal(answer.status, 200, name);
    assert.equal(digestOf(answer.bytes), expected, name);
    bytes += answer.bytes.length;
  }
  const seconds = (performance.now() - began) / 1_000;
  t.diagnostic(`${names.length} files, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`);
  assert.ok(bytes >= SUM_BYTES);
  assertSafe(await visitor.send(`/uploads/${names[0]}`));

  const path = `/uploads/${names.at(-1)}`;
  const size = content.length;
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    [`bytes=${size - 10}-`, size - 10, size],
    ['bytes=-5', size - 5, size],
  ] as const) {
    const answer = await visitor.send(path, { headers: { range } });
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers['content-range'], `bytes ${from}-${to - 1}/${size}`);
    assert.deepEqual(answer.bytes, content.subarray(from, to), range);
    assertSafe(answer);
  }
  assert.equal((await visitor.send(path, { headers: { range: `bytes=${size}-` } })).status, 416);
  const { etag = '', 'last-modified': modified = '' } = (await visitor.send(path)).headers;
  assert.equal((await visitor.send(path, { headers: { 'if-none-match': etag } })).status, 304);
  assert.equal((await visitor.send(path, { headers: { 'if-modified-since': modified } })).status, 304);
});

test('started again, the app leaves there what its pages show, and nothing else', async () => {
  await site.berth(['start', 'bluejay']);
  const paths = await picturesOn('/products/radios/loud');
  assert.notEqual(paths.length, 0);
  const public_ = new Set(filesIn('public').map((name) => `/uploads/${name}`));
  assert.ok(paths.every((path) => public_.has(path)));
  assert.equal(filesIn('public').filter((name) => /^0{10}/.test(name)).length, 0);
  for (const path of paths) assert.equal((await site.get(path)).status, 200, path);
});
