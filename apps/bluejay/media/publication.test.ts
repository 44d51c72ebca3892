import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { test } from 'node:test';

import { silentLog } from '@berth/kit';
import { waitUntil } from '@berth/testing';
import { openMedia } from './open-media.ts';
import { openTestLibrary, type TestLibrary } from './testing/library.ts';
import { PDF, picture } from './testing/pictures.ts';

const add = async (library: TestLibrary, colour: string): Promise<number> => {
  const { id } = await library.add(`${colour}.png`, await picture('png', { colour, width: 40, height: 30 }));
  await library.media.settled();
  return id;
};

/** Ids of the pictures of which something lies under public/. */
const published = ({ database, files }: TestLibrary): readonly number[] => {
  const owner = database.prepare('SELECT media_id AS id FROM media_renditions WHERE name = ?');
  const ids = (files()['public'] ?? []).map((name) => (owner.get(name) as { id: number } | undefined)?.id ?? -1);
  return [...new Set(ids)].toSorted((one, other) => one - other);
};

test('every way in which visible content shows a picture publishes it, and nothing else does', async () => {
  await using library = await openTestLibrary();
  const [field, child, seo, text, link, unused] = [
    await add(library, 'red'),
    await add(library, 'green'),
    await add(library, 'blue'),
    await add(library, 'cyan'),
    await add(library, 'lime'),
    await add(library, 'pink'),
  ];
  library.content.save(1, {
    image: field,
    gallery: [child],
    seoImage: seo,
    body: `<p><img data-media="${text}" alt=""> <a href="/media/${link}">as a file</a> data-media=${unused} media/${unused}</p>`,
  });
  await library.media.publish();
  assert.deepEqual(published(library), [field, child, seo, text, link]);
  assert.equal(library.media.isPublished(unused), false);
  assert.equal(library.media.pathOf(unused), undefined);
  library.content.remove(1);
  await library.media.publish();
  assert.deepEqual(library.files()['public'], []);
});

test('a picture that two records show stays until the second one goes', async () => {
  await using library = await openTestLibrary();
  const id = await add(library, 'red');
  library.content.save(1, { image: id });
  library.content.save(2, { image: id, gallery: [id, id] });
  await library.media.publish();
  library.content.remove(2);
  await library.media.publish();
  assert.deepEqual(published(library), [id]);
  library.content.save(1, {});
  await library.media.publish();
  assert.deepEqual(published(library), []);
});

test('a schedule publishes and hides at its moments, without anybody saving anything', async () => {
  await using library = await openTestLibrary();
  const { media, content } = library;
  const id = await add(library, 'red');
  content.save(1, { image: id, fromMs: library.now() + 1_000, toMs: library.now() + 5_000 });
  await media.publish();
  assert.deepEqual(published(library), []);
  assert.match(media.picture(id, { sizes: '1px' }).html, /src="\/files\//);
  const preview = /src="\/files\/([^"]+)"/.exec(media.picture(id, { sizes: '1px' }).html)?.[1] ?? '';
  assert.ok(media.files.signed(preview));
  library.sleep(1_000);
  await media.publish();
  assert.deepEqual(published(library), [id]);
  assert.match(media.picture(id, { sizes: '1px' }).html, /src="\/uploads\//);
  library.sleep(4_000);
  await media.publish();
  assert.deepEqual(published(library), []);
  library.sleep(7_200_000);
  assert.equal(media.files.signed(preview), undefined);
});

test('the timer hides what is over although nobody asks', async () => {
  await using library = await openTestLibrary();
  const id = await add(library, 'red');
  library.content.save(1, { image: id, toMs: library.now() + 60 });
  await library.media.publish();
  assert.deepEqual(published(library), [id]);
  library.sleep(60);
  await waitUntil(() => library.files()['public']?.length === 0, { what: 'the picture is hidden' });
});

test('the same name comes back when a picture is shown again; another file under its id gets other names', async () => {
  await using library = await openTestLibrary();
  const { media, content, files } = library;
  const id = await add(library, 'red');
  content.save(1, { image: id });
  await media.publish();
  const names = files()['public'];
  content.save(1, {});
  await media.publish();
  content.save(1, { image: id });
  await media.publish();
  assert.deepEqual(files()['public'], names);
  library.tags.length = 0;
  await media.replace(
    id,
    { name: 'new.png', content: Readable.from([await picture('png', { colour: 'teal', width: 40 })]) },
    null,
  );
  await media.settled();
  const after = files();
  assert.deepEqual(published(library), [id]);
  assert.ok(after['public']?.every((name) => names?.includes(name) === false));
  assert.equal(after['originals']?.length, 1);
  assert.deepEqual(after['renditions'], after['public']);
  assert.ok(library.tags.includes(`media:${id}`));
});

test('when nothing has changed nothing is read', async () => {
  await using library = await openTestLibrary();
  const id = await add(library, 'red');
  library.content.save(1, { image: id });
  await library.media.publish();
  const before = library.content.listings();
  for (let round = 0; round < 1_000; round += 1) await library.media.publish();
  library.content.save(2, { image: id });
  await library.media.publish();
  assert.equal(library.content.listings(), before);
});

test('what another process saves while files are linked is published as well', async () => {
  await using library = await openTestLibrary();
  const [first, second] = [await add(library, 'red'), await add(library, 'green')];
  library.content.save(1, { image: first });
  library.content.whenNoticed(() => library.content.save(2, { image: second }));
  await library.media.publish();
  assert.deepEqual(published(library), [first, second]);
});

test('a start puts right what lies under public/ and should not, or should and does not', async () => {
  await using library = await openTestLibrary();
  const { content, directory, database, signer, now } = library;
  const id = await add(library, 'red');
  content.save(1, { image: id });
  writeFileSync(`${directory}/public/left-over.png`, 'x');
  await using media = await openMedia({
    database,
    directory,
    content,
    signer,
    now,
    log: silentLog,
    activity: { record: () => undefined },
    instruments: { uploadBytes: { increment: () => undefined, value: 0 } },
  });
  await media.publish();
  assert.deepEqual(published(library), [id]);
  assert.ok(!library.files()['public']?.includes('left-over.png'));
});

test('a file behind a form is reached by its signed address alone, until that expires', async () => {
  await using library = await openTestLibrary();
  const { media, content } = library;
  const { id } = await library.add('paper.pdf', PDF);
  content.save(1, { behindForm: id });
  await media.publish();
  assert.deepEqual([media.isPublished(id), media.pathOf(id), media.files.download(id)], [false, undefined, undefined]);
  const token = media.signedPath(id, library.now() + 1_000).replace('/files/', '');
  assert.equal(media.files.signed(token)?.downloadName, 'paper.pdf');
  assert.equal(media.files.signed(`${token}x`), undefined);
  library.sleep(1_000);
  assert.equal(media.files.signed(token), undefined);
  content.save(2, { file: id });
  await media.publish();
  assert.equal(media.pathOf(id), `/downloads/${id}/paper.pdf`);
  assert.equal(media.files.download(id)?.mimeType, 'application/pdf');
});

test('what is used cannot be removed, and the sentence says by what; what is not leaves nothing behind', async () => {
  await using library = await openTestLibrary();
  const id = await add(library, 'red');
  library.content.save(1, { image: id });
  await assert.rejects(library.media.remove(id, null), /“red\.png” is still in use by Page “Page 1”/);
  library.content.remove(1);
  await library.media.remove(id, null);
  assert.deepEqual(library.files(), { incoming: [], originals: [], renditions: [], public: [] });
  await assert.rejects(library.media.remove(id, null), /no such file/);
});

test('a picture of which sizes are still being made is only shown in those that are there', async () => {
  await using library = await openTestLibrary();
  const { media, content } = library;
  const { id } = await library.add('large.png', await picture('png', { colour: 'navy', width: 1_600, height: 900 }));
  content.save(1, { image: id });
  await media.publish();
  let isSettled = false;
  const settled = media.settled().then(() => (isSettled = true));
  const missing = new Set<string>();
  const made = new Set<number>();
  while (!isSettled) {
    const there = library.files()['public'] ?? [];
    const shown = [...media.picture(id, { sizes: '1px' }).html.matchAll(/\/uploads\/([\w.-]+)/g)].map(([, name = '']) => name);
    for (const name of shown) if (!there.includes(name)) missing.add(name);
    made.add((library.files()['renditions'] ?? []).length);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await settled;
  assert.ok(made.size > 2, 'it was looked at while they were made');
  assert.deepEqual([...missing], []);
  assert.equal(new Set(media.picture(id, { sizes: '1px' }).html.match(/\/uploads\/[\w.-]+/g)).size, Math.max(...made));
});
