/** What is kept of typing, and of whom it is taken. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import type { Session } from '../../accounts/session.ts';
import { openTestContent, type TestContent } from '../../content/testing/test-content.ts';
import { blogTag } from '../../types/blog-tag.ts';
import { product } from '../../types/product.ts';
import { productCategory } from '../../types/product-category.ts';
import { EDITOR, sessionFor } from './testing/form-parts.ts';
import { openFormServer } from './testing/form-server.ts';

let opened: TestContent;
let server: FastifyInstance;
const state: { session: Session | undefined } = { session: sessionFor() };
before(async () => {
  opened = await openTestContent();
  server = await openFormServer({ content: opened.content, state });
  opened.content.create(productCategory, { status: 'published', fields: { name: 'Pumps', description: 'All' } }, EDITOR);
});
after(async () => {
  await server.close();
  opened[Symbol.dispose]();
});

let made = 0;
const makeProduct = (status: 'draft' | 'published' = 'draft') => {
  made += 1;
  const fields = { name: `Pump ${made}`, sku: `P-${made}`, category: 1, description: '<p>Fast</p>' };
  return opened.content.create(product, { status, fields }, EDITOR);
};
const post = async (url: string, form: Readonly<Record<string, string>>, session: Session | undefined = sessionFor()) => {
  state.session = session;
  const payload = new URLSearchParams({ _csrf: sessionFor().csrf, ...form }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  return server.inject({ method: 'POST', url, payload, headers });
};
const copyOf = (id: number, account = EDITOR.id) => opened.content.workingCopy(account, product, id);

test('what comes late never replaces what was typed later', async () => {
  const record = makeProduct();
  const address = `/admin/products/${record.id}/working-copy`;
  const answers = [];
  for (const [sequence, name] of [
    ['10', 'second'],
    ['9', 'first'],
    ['10', 'the same again'],
    ['11', 'third'],
  ] as const) {
    const answer = await post(address, { sequence, version: '1', 'field.name': name });
    answers.push([answer.json<{ kept: boolean }>().kept, copyOf(record.id)?.draft.fields['name']]);
  }
  assert.deepEqual(answers, [
    [true, 'second'],
    [false, 'second'],
    [false, 'second'],
    [true, 'third'],
  ]);
});

test('the answer tells which version is saved, so that the one who writes learns of another', async () => {
  const record = makeProduct();
  opened.content.update(product, record.id, { fields: { tagline: 'New' } }, { version: 1, actor: EDITOR });
  const answer = await post(`/admin/products/${record.id}/working-copy`, { sequence: '1', version: '1', 'field.name': 'x' });
  assert.equal(answer.json<{ version: number }>().version, 2);
  assert.equal(copyOf(record.id)?.version, 1);
});

test('typing of a record that was never saved is kept under 0, and goes when it is saved', async () => {
  await post('/admin/products/0/working-copy', { sequence: '1', version: '0', 'field.name': 'Not yet', 'field.sku': '' });
  assert.equal(copyOf(0)?.draft.fields['name'], 'Not yet');
  const saved = { 'field.name': 'Now', 'field.sku': 'NOW', 'field.category': '1', 'field.description': '<p>x</p>' };
  assert.equal((await post('/admin/products', { ...saved, status: 'draft' })).statusCode, 303);
  assert.equal(copyOf(0), undefined);
});

test('typing is everybody’s own, and thrown away by whom it belongs to', async () => {
  const record = makeProduct();
  const bob = sessionFor({ ...EDITOR, id: 2, name: 'Bob' });
  const address = `/admin/products/${record.id}/working-copy`;
  await post(address, { sequence: '1', version: '1', 'field.name': 'Ada’s' });
  await post(address, { sequence: '1', version: '1', 'field.name': 'Bob’s' }, bob);
  assert.equal((await post(`${address}/discard`, {}, bob)).headers['location'], `/admin/products/${record.id}/edit`);
  assert.deepEqual([copyOf(record.id)?.draft.fields['name'], copyOf(record.id, 2)], ['Ada’s', undefined]);
});

for (const { name, role, status, statusCode } of [
  { name: 'a viewer', role: 'viewer', status: 'draft', statusCode: 403 },
  { name: 'an author whose record is published', role: 'author', status: 'published', statusCode: 403 },
  { name: 'an author with a draft of his own', role: 'author', status: 'draft', statusCode: 200 },
] as const)
  test(`${statusCode === 200 ? 'taken' : 'refused'} is the typing of ${name}`, async () => {
    const record = makeProduct(status);
    const session = sessionFor({ ...EDITOR, role });
    const answer = await post(`/admin/products/${record.id}/working-copy`, { sequence: '1', version: '1' }, session);
    assert.equal(answer.statusCode, statusCode);
    assert.equal(copyOf(record.id) === undefined, statusCode === 403);
  });

test('nothing is kept of what is not there', async () => {
  for (const id of ['999', 'x', '-1', '1.5', '0x1'])
    assert.equal((await post(`/admin/products/${id}/working-copy`, { sequence: '1' })).statusCode, 404, id);
});

test('whoever logged in again gets the token of the new session', async () => {
  const record = makeProduct();
  state.session = { ...sessionFor(), csrf: 'the next one' };
  const answer = await server.inject({ url: `/admin/products/${record.id}/working-copy` });
  assert.deepEqual(answer.json(), { csrf: 'the next one', version: 1 });
});

test('a merge without choices takes what only one changed, and keeps the result as typing', async () => {
  const record = makeProduct();
  opened.content.update(product, record.id, { fields: { tagline: 'Theirs' } }, { version: 1, actor: EDITOR });
  const answer = await post(`/admin/products/${record.id}/merge`, { version: '1', 'field.name': 'Mine', 'field.tagline': '' });
  assert.equal(answer.statusCode, 200);
  assert.match(answer.body, /name="field.name"[^>]* value="Mine"/);
  assert.match(answer.body, /name="field.tagline"[^>]* value="Theirs"/);
  assert.match(answer.body, /name="version" value="2"/);
  const { fields } = copyOf(record.id)?.draft ?? { fields: {} };
  assert.deepEqual([fields['name'], fields['tagline']], ['Mine', 'Theirs']);
});

test('pickers find records by letters, without those that are chosen, and never of a kind that is not declared', async () => {
  state.session = sessionFor();
  for (const name of ['Pumps', 'Pump parts', 'Valves']) opened.content.create(blogTag, { fields: { name } }, EDITOR);
  const ask = async (address: string) =>
    (await server.inject({ url: `/admin/references/${address}` })).json<{ records?: { id: number; title: string }[] }>();
  const found = (await ask('blog-tag?q=pump')).records ?? [];
  assert.deepEqual(
    found.map(({ title }) => title),
    ['Pump parts', 'Pumps'],
  );
  const without = (await ask(`blog-tag?q=pump&without=${found[0]?.id}`)).records ?? [];
  assert.deepEqual(
    without.map(({ title }) => title),
    ['Pumps'],
  );
  assert.equal((await server.inject({ url: '/admin/references/passwords' })).statusCode, 404);
  state.session = sessionFor({ ...EDITOR, role: 'editor' });
  assert.equal((await server.inject({ url: '/admin/references/page-section' })).statusCode, 403);
});

test('of a name a tag is made once; what needs more than a name is not made so', async () => {
  const made1 = await post('/admin/references/blog-tag', { title: ' Steel ' });
  const again = await post('/admin/references/blog-tag', { title: 'STEEL' });
  assert.deepEqual([made1.statusCode, again.statusCode], [201, 200]);
  assert.equal(made1.json<{ id: number }>().id, again.json<{ id: number }>().id);
  const wrong = await post('/admin/references/blog-tag', { title: 'x'.repeat(61) });
  assert.equal(wrong.statusCode, 400);
  assert.match(wrong.json<{ message: string }>().message, /At most 60/);
  assert.equal((await post('/admin/references/product', { title: 'Pump' })).statusCode, 403);
  assert.equal(
    (await post('/admin/references/blog-tag', { title: 'y' }, sessionFor({ ...EDITOR, role: 'viewer' }))).statusCode,
    403,
  );
});
