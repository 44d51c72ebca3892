import assert from 'node:assert/strict';
import { test } from 'node:test';
import { multipart, openMediaServer } from './testing/media-server.ts';
import { PDF, picture } from './testing/pictures.ts';

const AUTHOR = { 'x-role': 'author' };
const PAGE = { ...AUTHOR, accept: 'text/html,*/*;q=0.8' };
const PNG = await picture('png', { width: 40, height: 30 });

test('many files in one form: those that are good are taken, and each of the others gets its sentence', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const form = multipart([
    { name: 'alt', content: 'A field' },
    { name: 'files', filename: 'lie.png', content: '<html><script>alert(1)</script>' },
    { name: 'files', filename: 'good.png', content: PNG },
    { name: 'files', filename: 'large.txt', content: Buffer.alloc(50 * 2 ** 20 + 100, 'x') },
    { name: 'files', filename: 'paper.pdf', content: PDF },
    { name: 'files', filename: '', content: '' },
  ]);
  const answer = await server.inject({ method: 'POST', url: '/admin/media/upload', ...form });
  const body: Answer = answer.json();
  assert.equal(answer.statusCode, 200);
  assert.deepEqual([body.count, body.files.map(({ name }) => name)], [2, ['good.png', 'paper.pdf']]);
  assert.deepEqual(
    body.errors.map(({ name, code }) => [name, code]),
    [
      ['lie.png', 'MEDIA_NOT_ALLOWED'],
      ['large.txt', 'MEDIA_TOO_LARGE'],
    ],
  );
  assert.match(body.message, /^2 files uploaded, 2 not taken\. “lie\.png” was not taken: it looks like HTML, calls itself PNG\./);
  assert.equal(body.files[0]?.alt_text, 'A field');
  assert.deepEqual(library.files()['incoming'], []);
});

test('when nothing could be taken the answer is an error', async () => {
  await using opened = await openMediaServer();
  const lie = multipart([{ name: 'files', filename: 'lie.png', content: '<html>' }]);
  const refused = await opened.server.inject({ method: 'POST', url: '/admin/media/upload', ...lie });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.json<Answer>().error ?? '', /looks like HTML/);
  const none = await opened.server.inject({ method: 'POST', url: '/admin/media/upload', ...multipart([]) });
  assert.deepEqual([none.statusCode, none.json<Answer>().error], [400, 'No files were sent.']);
  const text = await opened.server.inject({ method: 'POST', url: '/admin/media/upload', headers: AUTHOR, payload: { a: 1 } });
  assert.equal(text.statusCode, 400);
});

test('a form without a script is led on, and a page says what was not taken', async () => {
  await using opened = await openMediaServer();
  const good = multipart([{ name: 'files', filename: 'good.png', content: PNG }]);
  const sent = await opened.server.inject({
    method: 'POST',
    url: '/admin/media/upload',
    ...good,
    headers: { ...good.headers, ...PAGE },
  });
  assert.deepEqual([sent.statusCode, sent.headers.location], [303, '/admin/media/1/edit?uploaded=1']);
  const bad = multipart([
    { name: 'files', filename: '<b>.png', content: '<html>' },
    { name: 'files', filename: 'x.pdf', content: PDF },
  ]);
  const refused = await opened.server.inject({
    method: 'POST',
    url: '/admin/media/upload',
    ...bad,
    headers: { ...bad.headers, ...PAGE },
  });
  assert.equal(refused.statusCode, 400);
  assert.match(refused.body, /1 file uploaded, 1 not taken\.[\s\S]*“&lt;b&gt;\.png” was not taken: it looks like HTML/);
});

test('every route of the panel asks who it is', async () => {
  await using opened = await openMediaServer();
  const { id } = await opened.library.add('a.png', PNG);
  const routes = [
    ['GET', '/admin/media'],
    ['POST', '/admin/media/upload'],
    ['GET', '/admin/media/browse'],
    ['GET', `/admin/media/${id}`],
    ['PUT', `/admin/media/${id}`],
    ['DELETE', `/admin/media/${id}`],
    ['GET', `/admin/media/${id}/edit`],
    ['POST', `/admin/media/${id}`],
    ['POST', `/admin/media/${id}/replace`],
    ['POST', `/admin/media/${id}/delete`],
    ['GET', `/admin/media/${id}/preview`],
  ] as const;
  for (const [method, url] of routes)
    for (const [headers, status] of [
      [{}, 401],
      [{ 'x-role': 'viewer' }, 403],
    ] as const)
      assert.equal((await opened.server.inject({ method, url, headers })).statusCode, status, `${method} ${url}`);
  assert.ok(opened.library.media.find(id));
});

test('a description is changed as JSON and by the form, and what makes no sense is refused', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const { id } = await library.add('a.png', PNG);
  const put = async (payload: object) =>
    await server.inject({ method: 'PUT', url: `/admin/media/${id}`, headers: AUTHOR, payload });
  assert.equal((await put({ alt_text: ' A field ' })).json<{ alt_text: string }>().alt_text, 'A field');
  for (const payload of [
    {},
    { alt_text: 5 },
    { focal: { x: 101, y: 0 } },
    { focal: { x: '1', y: 0 } },
    { alt_text: 'x'.repeat(501) },
  ])
    assert.equal((await put(payload)).statusCode, 400, JSON.stringify(payload));
  assert.equal((await put({ focal: { x: 12, y: 88 } })).statusCode, 200);
  assert.match(library.media.picture(id, { sizes: '1px', class: 'wide' }).html, /<img class="wide fx-10 fy-90" /);
  const urlencoded = { ...AUTHOR, 'content-type': 'application/json' };
  const form = { alt: 'Another', decorative: ['', '1'], focalX: '50', focalY: '50' };
  const saved = await server.inject({ method: 'POST', url: `/admin/media/${id}`, headers: urlencoded, payload: form });
  assert.deepEqual([saved.statusCode, saved.headers.location], [303, `/admin/media/${id}/edit?saved=1`]);
  const file = library.media.find(id);
  assert.deepEqual([file?.alt, file?.isDecorative, file?.focal], ['Another', true, { x: 50, y: 50 }]);
  assert.match(library.media.picture(id, { sizes: '1px' }).html, / alt="" /);
  assert.equal(
    (await server.inject({ method: 'PUT', url: '/admin/media/99', headers: AUTHOR, payload: { alt_text: 'x' } })).statusCode,
    404,
  );
});

test('what is used is not deleted: 409 and by what; afterwards 204', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const { id } = await library.add('a.png', PNG);
  library.content.save(3, { image: id });
  const used = await server.inject({ method: 'DELETE', url: `/admin/media/${id}`, headers: AUTHOR });
  assert.equal(used.statusCode, 409);
  assert.match(used.json<Answer>().error ?? '', /still in use by Page “Page 3”/);
  const edit = await server.inject({ url: `/admin/media/${id}/edit`, headers: PAGE });
  assert.match(edit.body, /<a href="\/admin\/pages\/3\/edit">Page 3<\/a>/);
  assert.match(edit.body, /cannot be deleted as long as it is used/);
  library.content.remove(3);
  assert.equal((await server.inject({ method: 'DELETE', url: `/admin/media/${id}`, headers: AUTHOR })).statusCode, 204);
});

test('the list finds, sorts and turns pages; the picker offers only what is described', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  for (let index = 0; index < 26; index += 1) {
    await library.add(`note ${index} 100%.txt`, `text number ${index} ${'x'.repeat(index)}`);
    library.sleep(1_000);
  }
  const { id } = await library.add('picture.png', PNG);
  const list = async (query: string): Promise<string> =>
    (await server.inject({ url: `/admin/media?${query}`, headers: PAGE })).body;
  assert.match(await list(''), /27 files, page 1 of 2[\s\S]*href="\/admin\/media\?page=2">Next/);
  assert.match(await list('search=100%25&sort=oldest&view=list'), /26 files found, page 1 of 2[\s\S]*note 0 100%\.txt/);
  assert.match(await list('search=_'), /Nothing here matches/);
  assert.match(await list('kind=image'), /1 file found/);
  assert.match(await list('page=99'), /Nothing here matches/);
  assert.deepEqual(library.media.list({ sort: 'largest', kind: 'document' }).files[0]?.originalName, 'note 25 100%.txt');
  const browse = async () => (await server.inject({ url: '/admin/media/browse?kind=image', headers: AUTHOR })).body;
  assert.match(await browse(), /Describe it first/);
  library.media.describe(id, { alt: 'A "field"' }, null);
  assert.match(
    await browse(),
    /<button type="button" class="media-choice" data-media-id="\d+" data-alt="A &quot;field&quot;" data-name="picture.png" data-preview="\/admin\/media\/\d+\/preview\?width=320">/,
  );
});

test('a published picture is sent for ever and can do nothing; one that is not does not exist', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const { id } = await library.add('d.svg', '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="5"/>');
  const preview = await server.inject({ url: `/admin/media/${id}/preview?width=320`, headers: AUTHOR });
  assert.deepEqual([preview.statusCode, preview.headers['content-type']], [200, 'image/svg+xml']);
  const name = library.files()['renditions']?.[0] ?? '';
  assert.equal((await server.inject(`/uploads/${name}`)).statusCode, 404);
  library.content.save(1, { image: id });
  const sent = await server.inject(`/uploads/${name}`);
  assert.deepEqual(pick(sent.headers, 'cache-control', 'content-security-policy', 'x-content-type-options', 'content-type'), [
    'public, max-age=31536000, immutable',
    "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    'nosniff',
    'image/svg+xml',
  ]);
  const again = await server.inject({ url: `/uploads/${name}`, headers: { 'if-none-match': String(sent.headers.etag) } });
  assert.deepEqual([again.statusCode, again.body], [304, '']);
  for (const path of [
    '/uploads/..%2foriginals%2fx',
    '/uploads/%00',
    `/uploads/${name}/x`,
    '/uploads/',
    `/uploads/${name.toUpperCase()}`,
  ])
    assert.equal((await server.inject(path)).statusCode, 404, path);
  assert.deepEqual(
    [(await server.inject(`/media/${id}`)).headers.location, (await server.inject('/media/9')).statusCode],
    [`/uploads/${name}`, 404],
  );
});

test('a download has the name it had, comes in parts, and counts when it begins', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const { id } = await library.add('Größe "1".pdf', PDF);
  const url = `/downloads/${id}/whatever.pdf`;
  assert.equal((await server.inject(url)).statusCode, 404);
  library.content.save(1, { file: id });
  const sent = await server.inject(url);
  assert.deepEqual(pick(sent.headers, 'content-type', 'content-disposition', 'content-length'), [
    'application/pdf',
    `attachment; filename="Groe _1_.pdf"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%221%22.pdf`,
    String(PDF.length),
  ]);
  assert.deepEqual(sent.rawPayload, PDF);
  const parts = [
    ['bytes=0-3', 206, `bytes 0-3/${PDF.length}`, '%PDF'],
    ['bytes=5-7', 206, `bytes 5-7/${PDF.length}`, '1.4'],
    ['bytes=-6', 206, `bytes ${PDF.length - 6}-${PDF.length - 1}/${PDF.length}`, '%%EOF\n'],
    [`bytes=${PDF.length}-`, 416, `bytes */${PDF.length}`, ''],
    ['bytes=3-1', 200, undefined, PDF.toString()],
    ['lines=1-2', 200, undefined, PDF.toString()],
  ] as const;
  for (const [range, status, contentRange, body] of parts) {
    const part = await server.inject({ url, headers: { range } });
    assert.deepEqual([part.statusCode, part.headers['content-range'], part.body], [status, contentRange, body], range);
  }
  assert.equal((await server.inject({ method: 'HEAD', url })).headers['content-length'], String(PDF.length));
  assert.equal(library.media.find(id)?.downloads, 2);
});

test('a signed address gives the file out until it expires, and no other address of its kind does', async () => {
  await using opened = await openMediaServer();
  const { server, library } = opened;
  const { id } = await library.add('paper.pdf', PDF);
  const url = library.media.signedPath(id, library.now() + 60_000);
  const sent = await server.inject(url);
  assert.deepEqual(
    [sent.statusCode, ...pick(sent.headers, 'cache-control', 'content-disposition')],
    [200, 'private, no-store', `attachment; filename="paper.pdf"; filename*=UTF-8''paper.pdf`],
  );
  for (const forged of [url.slice(0, -1), `${url}A`, '/files/x', '/files/a.b.c'])
    assert.equal((await server.inject(forged)).statusCode, 404, forged);
  library.sleep(60_000);
  assert.equal((await server.inject(url)).statusCode, 404);
  assert.equal(library.media.find(id)?.downloads, 1);
});

type Answer = {
  readonly files: readonly { readonly name: string; readonly alt_text: string }[];
  readonly errors: readonly { readonly name: string; readonly code: string }[];
  readonly count: number;
  readonly message: string;
  readonly error?: string;
};

const pick = (headers: Readonly<Record<string, unknown>>, ...names: readonly string[]): readonly unknown[] =>
  names.map((name) => headers[name]);
