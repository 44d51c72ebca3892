import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { silentLog } from '@berth/kit';
import { temporaryDirectory } from '@berth/testing';
import { openTestContent, type TestContent } from '../content/testing/test-content.ts';
import { createSigner } from '../signing.ts';
import { product, productCategory, siteSettings, whitepaper, whitepaperTopic } from '../types/index.ts';
import type { Media } from './media.ts';
import { openMedia } from './open-media.ts';
import { filesBelow } from './testing/library.ts';
import { PDF, picture } from './testing/pictures.ts';

const openLibrary = async ({ content, database, clock }: TestContent, directory: string): Promise<Media> => {
  const now = (): number => clock.nowMs;
  return await openMedia({
    database,
    directory,
    content,
    now,
    signer: createSigner(['a secret for tests, of many different bytes 0123'], now),
    log: silentLog,
    activity: { record: () => undefined },
    instruments: { uploadBytes: { increment: () => undefined, value: 0 } },
  });
};

const add = async (media: Media, colour: string): Promise<number> => {
  const content = Readable.from([await picture('png', { colour, width: 30, height: 20 })]);
  const { id } = await media.add({ name: `${colour}.png`, content, alt: colour }, null);
  await media.settled();
  return id;
};

const draftOf = (category: number, images: { readonly primary: number; readonly gallery: number; readonly text: number }) => ({
  status: 'draft' as const,
  fields: {
    name: 'Pump',
    sku: 'P-1',
    category,
    description: `<p>Water.<img data-media="${images.text}" alt="a pump"></p>`,
    primaryImage: images.primary,
  },
  children: { images: [{ image: images.gallery }] },
});

test('the pictures of a product are public from its publication to its end, with those of its rows and texts', async () => {
  using site = await openTestContent();
  await using directory = await temporaryDirectory('bluejay-media-');
  await using media = await openLibrary(site, directory.path);
  const { content, clock } = site;
  const [primary, gallery, text, logo] = [
    await add(media, 'red'),
    await add(media, 'green'),
    await add(media, 'blue'),
    await add(media, 'teal'),
  ];
  const all = [primary, gallery, text];
  const category = content.create(productCategory, { fields: { name: 'Pumps', description: 'x', icon: 'factory' } }, null);
  const made = content.create(product, draftOf(category.id, { primary, gallery, text }), null);
  await media.publish();
  assert.deepEqual(
    [...all, logo].map((id) => media.isPublished(id)),
    [false, false, false, false],
  );
  assert.deepEqual(filesBelow(directory.path)['public'], []);

  const scheduled = content.update(
    product,
    made.id,
    { status: 'published', publishAtMs: clock.nowMs + 1_000, unpublishAtMs: clock.nowMs + 9_000, fields: {} },
    { version: made.version, actor: null },
  );
  await media.publish();
  assert.deepEqual(
    all.map((id) => media.isPublished(id)),
    [false, false, false],
  );
  clock.nowMs += 1_000;
  await media.publish();
  assert.deepEqual(
    all.map((id) => media.isPublished(id)),
    [true, true, true],
  );
  content.update(product, made.id, { fields: { primaryImage: null } }, { version: scheduled.version, actor: null });
  await media.publish();
  assert.deepEqual(
    all.map((id) => media.isPublished(id)),
    [false, true, true],
  );
  await assert.rejects(media.remove(gallery, null), /still in use by Product “Pump”/);
  clock.nowMs += 8_000;
  await media.publish();
  assert.deepEqual(filesBelow(directory.path)['public'], []);
  await media.remove(logo, null);
  assert.equal(content.usersOfMedia(text).length, 1);
});

test('what a singleton shows is public at once; what lies behind a form never is', async () => {
  using site = await openTestContent();
  await using directory = await temporaryDirectory('bluejay-media-');
  await using media = await openLibrary(site, directory.path);
  const { content } = site;
  const image = await add(media, 'red');
  const settings = content.single(siteSettings);
  const field = Object.entries(siteSettings.fields).find(([, { kind }]) => kind === 'image')?.[0];
  assert.ok(field !== undefined, 'the settings have a picture');
  content.update(siteSettings, settings.id, { fields: { [field]: image } }, { version: settings.version, actor: null });
  const paper = await media.add({ name: 'paper.pdf', content: Readable.from([PDF]) }, null);
  const topic = content.create(whitepaperTopic, { fields: { name: 'Water' } }, null);
  const fields = { title: 'Paper', description: 'x', topic: topic.id, file: paper.id };
  content.create(whitepaper, { status: 'published', fields }, null);
  await media.publish();
  assert.deepEqual([media.isPublished(image), media.isPublished(paper.id), media.pathOf(paper.id)], [true, false, undefined]);
});

test('two processes over one site agree about what is public, whichever of them saves', async () => {
  await using directory = await temporaryDirectory('bluejay-media-');
  using one = await openTestContent({ file: directory.join('site.db') });
  using other = await openTestContent({ file: directory.join('site.db') });
  const uploads = directory.join('uploads');
  await using first = await openLibrary(one, uploads);
  await using second = await openLibrary(other, uploads);
  const image = await add(first, 'red');
  const post = one.content.create(productCategory, { fields: { name: 'Pumps', description: 'x', icon: 'factory', image } }, null);
  other.content.notice();
  await second.publish();
  assert.equal(second.isPublished(image), true);
  assert.match(second.picture(image, { sizes: '1px' }).html, /src="\/uploads\//);
  other.content.remove(productCategory, post.id, null);
  one.content.notice();
  await first.publish();
  assert.deepEqual([first.isPublished(image), filesBelow(uploads)['public']], [false, []]);
  const fresh = await first.replace(
    image,
    { name: 'new.png', content: Readable.from([await picture('png', { colour: 'pink' })]) },
    null,
  );
  other.content.create(productCategory, { fields: { name: 'Pipes', description: 'x', icon: 'factory', image } }, null);
  await second.publish();
  assert.equal(second.find(image)?.originalName, fresh.originalName);
  await first.settled();
  other.content.notice();
  await second.publish();
  assert.deepEqual(filesBelow(uploads)['public'], filesBelow(uploads)['renditions']);
});
