/** Products that an editor deleted by mistake come back with their pictures, and what is kept of them is rehearsed. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Drill } from '@berth/protocol';
import { temporaryDirectory, waitUntil } from '@berth/testing';
import { picture } from '../../apps/bluejay/media/testing/pictures.ts';
import { filledIn, formsOf } from '../../apps/bluejay/testing/browser-form.ts';
import type { PanelClient } from '../../apps/bluejay/testing/panel-client.ts';
import { berth } from '../harness/command.ts';
import { secondBetween } from '../harness/second-between.ts';
import { ask, Visitor } from '../harness/visitor.ts';
import { BerthSite, EDGE_LOOKS_WITHIN_MS, expectGood, HOST } from './berth-site.ts';

const PRODUCTS = 8;

type Product = {
  readonly id: number;
  readonly media: number;
  readonly page: string;
  readonly pictures: ReadonlyMap<string, Buffer>;
};

let site: BerthSite;
let panel: PanelClient;
let far: Awaited<ReturnType<typeof temporaryDirectory>>;
const products: Product[] = [];
before(async () => {
  site = await BerthSite.open();
  far = await temporaryDirectory();
  // Files are kept where somebody says, and nowhere else.
  await site.berth(['target', 'add', `dir:${far.join('vault')}`, '--name', 'far']);
  panel = await site.panel();
  const category = await panel.create('product-categories', { 'field.name': 'Radios', 'field.description': 'All of them' });
  for (let number = 1; number <= PRODUCTS; number += 1) {
    const content = await picture('png', { width: 700, height: 500, colour: `rgb(${number * 20},90,120)` });
    const media = await panel.upload(`radio-${number}.png`, Uint8Array.from(content), `Radio ${number}`);
    const fields = { 'field.name': `Radio ${number}`, 'field.sku': `R-${number}`, 'field.description': '<p>x</p>' };
    const choices = { 'field.category': String(category), 'field.primaryImage': String(media), status: 'published' };
    const id = await panel.create('products', { ...fields, ...choices });
    const page = `/products/radios/radio-${number}`;
    const paths = [...new Set((await panel.page(page)).match(/\/uploads\/[\w.-]+/g))];
    assert.notEqual(paths.length, 0, page);
    const pictures = new Map<string, Buffer>();
    for (const path of paths) pictures.set(path, (await site.get(path)).bytes);
    products.push({ id, media, page, pictures });
  }
});
after(async () => {
  panel?.[Symbol.dispose]();
  await site?.[Symbol.asyncDispose]();
  await far?.[Symbol.asyncDispose]();
});

/** As an editor does it: ticks them in the list, reads their names, confirms; then the pictures, which nothing shows any more. */
async function deleteAll(doomed: readonly Product[]): Promise<void> {
  const list = await panel.form('/admin/products', '/admin/products/bulk');
  const question = await panel.post(list.action, filledIn(list, { action: 'delete', id: doomed.map(({ id }) => String(id)) }));
  const confirmation = formsOf(question.body).find(({ action }) => action === '/admin/products/bulk');
  assert.ok(confirmation, question.body);
  const { headers } = await panel.post(confirmation.action, filledIn(confirmation, {}));
  assert.equal(headers.location, `/admin/products?done=delete&count=${doomed.length}`);
  for (const { media } of doomed) {
    const { status } = await panel.submit(`/admin/media/${media}/edit`, `/admin/media/${media}/delete`, {});
    assert.equal(status, 303);
  }
}

const assertThere = async (expected: readonly Product[]): Promise<void> => {
  for (const { page, pictures } of expected) {
    assert.equal((await site.get(page)).status, 200, page);
    for (const [path, content] of pictures)
      await waitUntil(async () => content.equals((await site.get(path)).bytes), {
        what: `${path} was as before`,
        withinMs: EDGE_LOOKS_WITHIN_MS,
      });
  }
};

const assertGone = async (expected: readonly Product[]): Promise<void> => {
  for (const { page, pictures } of expected) {
    assert.equal((await site.get(page)).status, 404, page);
    for (const path of pictures.keys())
      await waitUntil(async () => (await site.get(path)).status === 404, {
        what: `${path} was gone`,
        withinMs: EDGE_LOOKS_WITHIN_MS,
      });
  }
};

const verify = async (): Promise<string> =>
  expectGood(await berth(site.platform.home, ['run', 'bluejay', '--', 'node', 'command.ts', 'verify'])).stdout;

test('half of the products and their pictures are deleted, come back, and go again when that was the mistake', async (t) => {
  const isFollowed = async (): Promise<boolean> =>
    (await site.status()).stores.every(({ targets }) => targets.some(({ target, lagMs }) => target === 'far' && lagMs !== null));
  await waitUntil(isFollowed, { what: 'the first copy was complete', withinMs: 30_000, everyMs: 200 });
  const copiedBefore = Date.now();
  await site.berth(['backup', 'bluejay', '--label', 'before the mistake']);
  const moment = await secondBetween();

  const [doomed, kept] = [products.slice(0, PRODUCTS / 2), products.slice(PRODUCTS / 2)];
  await deleteAll(doomed);
  await assertGone(doomed);
  await panel.create('product-categories', { 'field.name': 'Later', 'field.description': 'Made after the mistake' });

  const visitor = new Visitor(async (agent) => {
    const { status } = await ask(site.platform.httpPort, HOST, { path: '/products', agent });
    if (status !== 200) throw new Error(`/products was answered with ${status}`);
  });
  try {
    const restored = await site.berth(['restore', 'bluejay', '--at', moment.toISOString(), '--yes']);
    assert.equal(restored.ok, true, JSON.stringify(restored.error));
    const fetched = restored.steps.find(({ name }) => name === 'fetch')?.note ?? '';
    t.diagnostic(`${restored.ms} ms: ${fetched}`);
    const copied = Date.parse(/uploads as of (\S+) from/.exec(fetched)?.[1] ?? '');
    assert.ok(copied >= copiedBefore && copied <= moment.getTime(), `the copy of the pictures is named: ${fetched}`);
    await assertThere(products);
    assert.doesNotMatch(await panel.page('/products'), /Later/);
    assert.match(await verify(), /Every file of the media library is there/);

    const undone = await site.berth(['restore', 'bluejay', '--to', restored.restorePoint ?? '', '--yes']);
    assert.equal(undone.ok, true, JSON.stringify(undone.error));
    await assertGone(doomed);
    await assertThere(kept);
    assert.match(await panel.page('/products'), /Later/);
    assert.match(await verify(), /Every file of the media library is there/);
    assert.deepEqual([restored.requests.failed, undone.requests.failed], [0, 0]);
  } finally {
    await visitor[Symbol.asyncDispose]();
  }
  t.diagnostic(`${visitor.requests} requests meanwhile`);
  assert.deepEqual(visitor.failures, [], `of ${visitor.requests} requests`);
});

const drill = async (code: 0 | 1): Promise<Drill> => {
  const typed = await site.try(['drill', 'bluejay']);
  assert.equal(typed.code, code, typed.stdout + typed.stderr);
  return JSON.parse(typed.stdout) as Drill;
};

test('what is kept holds: the site itself judges it, and refuses a library in which a file is missing', async (t) => {
  await site.berth(['backup', 'bluejay', '--label', 'whole']);
  const good = await drill(0);
  t.diagnostic(`back after ${good.recoveryMs} ms: ${good.stores.map(({ evidence }) => evidence).join('; ')}`);
  assert.deepEqual([good.outcome, good.check?.ok], ['passed', true], JSON.stringify(good));

  const originals = join(site.uploads, 'originals');
  const [lost = ''] = readdirSync(originals);
  const aside = join(site.platform.home, 'aside');
  mkdirSync(aside);
  renameSync(join(originals, lost), join(aside, lost));
  await site.berth(['backup', 'bluejay', '--label', 'damaged']);
  const bad = await drill(1);
  assert.equal(bad.outcome, 'failed');
  assert.match(bad.check?.output ?? '', /1 files of the media library are not there: radio-\d\.png/);

  renameSync(join(aside, lost), join(originals, lost));
  await site.berth(['backup', 'bluejay', '--label', 'mended']);
  assert.equal((await drill(0)).outcome, 'passed');
});
