import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { openTestLibrary } from './testing/library.ts';
import { animation, photoWithMetadata, picture } from './testing/pictures.ts';

test('a picture gets its sizes in three formats, none wider than itself, and the page says so', async () => {
  await using library = await openTestLibrary();
  const { media, content } = library;
  const file = await library.add('Field & Forest.JPG', await picture('jpeg', { width: 1_000, height: 500 }), {
    alt: 'A "field"',
  });
  assert.deepEqual([file.mimeType, file.width, file.height, file.originalName], ['image/jpeg', 1_000, 500, 'Field & Forest.JPG']);
  await media.settled();
  content.save(1, { image: file.id });
  await media.publish();
  const shape = media
    .picture(file.id, { sizes: '100vw' })
    .html.replaceAll(/\/uploads\/[0-9a-f]{24}/g, 'N')
    .replaceAll('><', '>\n<');
  assert.equal(
    shape,
    `<picture>
<source type="image/avif" srcset="N-320.avif 320w, N-640.avif 640w, N-960.avif 960w, N-1000.avif 1000w" sizes="100vw">
<source type="image/webp" srcset="N-320.webp 320w, N-640.webp 640w, N-960.webp 960w, N-1000.webp 1000w" sizes="100vw">
<img src="N-960.jpg" srcset="N-320.jpg 320w, N-640.jpg 640w, N-960.jpg 960w, N-1000.jpg 1000w" sizes="100vw" width="1000" height="500" alt="A &quot;field&quot;" loading="lazy" decoding="async">
</picture>`,
  );
  const paths = [...media.picture(file.id, { sizes: '100vw' }).html.matchAll(/\/uploads\/([^ "]+)/g)].map(
    ([, name]) => name ?? '',
  );
  for (const name of paths) {
    const sent = media.files.published(name);
    assert.ok(sent, name);
    const { width, format } = await sharp(sent.path).metadata();
    assert.equal(width, Number(/-(\d+)\./.exec(name)?.[1]));
    assert.equal(sent.mimeType, `image/${format === 'heif' ? 'avif' : format}`);
    // Whoever serves what is public is another user than the app.
    assert.equal(statSync(sent.path).mode & 0o777, 0o644);
  }
  assert.equal(library.uploadedBytes(), file.bytes);
  assert.deepEqual(library.files()['incoming'], []);
});

test('what a camera writes besides the picture is gone from every copy, and the picture stands upright', async () => {
  await using library = await openTestLibrary();
  const sent = await photoWithMetadata();
  assert.ok((await sharp(sent).metadata()).exif?.includes('SECRETMAKE'));
  const file = await library.add('photo.jpg', sent);
  await library.media.settled();
  assert.deepEqual([file.width, file.height], [600, 900]);
  const files = library.files();
  const copies = ['originals', 'renditions'].flatMap((folder) =>
    (files[folder] ?? []).map((name) => `${library.directory}/${folder}/${name}`),
  );
  assert.equal(copies.length, 1 + 2 * 3);
  for (const copy of copies) {
    assert.doesNotMatch(readFileSync(copy, 'latin1'), /SECRET|GPS|Exif|xmpmeta|script/, copy);
    const { exif, xmp, orientation = 1 } = await sharp(copy).metadata();
    assert.deepEqual([exif, xmp, orientation], [undefined, undefined, 1]);
  }
});

for (const format of ['gif', 'webp'] as const)
  test(`a moving ${format} goes on moving in every size`, async () => {
    await using library = await openTestLibrary();
    const file = await library.add(`moves.${format}`, await animation(format));
    await library.media.settled();
    assert.deepEqual([file.width, file.height], [100, 80]);
    const names = library.files()['renditions'] ?? [];
    assert.equal(names.length, 2);
    for (const name of names) assert.equal((await sharp(`${library.directory}/renditions/${name}`).metadata()).pages, 3, name);
  });

for (const format of ['png', 'webp', 'avif'] as const)
  test(`a see-through ${format} stays see-through`, async () => {
    await using library = await openTestLibrary();
    const file = await library.add(`glass.${format}`, await picture(format, { alpha: true, width: 50, height: 40 }));
    await library.media.settled();
    const sent = library.media.files.preview(file.id, 50);
    assert.equal(sent?.mimeType, 'image/png');
    assert.equal((await sharp(sent?.path).metadata()).hasAlpha, true);
  });

test('others read what is public, and nothing else of the library', async () => {
  await using library = await openTestLibrary();
  await library.add('radio.png', await picture('png'));
  const modeOf = (...names: readonly string[]): string =>
    (statSync(path.join(library.directory, ...names)).mode & 0o777).toString(8);
  const folders = ['incoming', 'originals', 'renditions', 'public'];
  assert.deepEqual(
    folders.map((folder) => modeOf(folder)),
    ['750', '750', '750', '755'],
  );
  for (const name of library.files()['originals'] ?? []) assert.equal(modeOf('originals', name), '640');
});
