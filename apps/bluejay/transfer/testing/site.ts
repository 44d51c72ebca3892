/** Whole sites in directories of their own, and what one archive holds. */
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { silentLog } from '@berth/kit';
import type { Random } from '@berth/testing';
import sharp from 'sharp';
import { extract } from 'tar-stream';
import type { ContentType } from '../../content/content-type.ts';
import type { Draft } from '../../content/draft.ts';
import { randomDraft } from '../../content/testing/random-draft.ts';
import { InvalidContentError } from '../../content/errors.ts';
import { readEnvironment } from '../../env.ts';
import { keepForeignAddress } from '../../content/redirects.ts';
import { observe } from '../../metrics.ts';
import { openDownloads } from '../../leads/downloads.ts';
import { openSubmissions } from '../../leads/submissions.ts';
import { createMenus } from '../../navigation/menus.ts';
import { openBluejay, type OpenParts } from '../../open-bluejay.ts';
import { migrate } from '../../store/migrate.ts';
import { openDatabase } from '../../store/open-database.ts';
import { childrenWithOtherIds, type IdMap, seoWithOtherIds, withOtherIds } from '../local-ids.ts';
import { inOrderOfReferences } from '../site-format.ts';

export const NOON = Date.UTC(2026, 5, 1, 12);

export const openSite = async (directory: string, nowMs = NOON): Promise<OpenParts> => {
  await mkdir(directory, { recursive: true });
  const env = readEnvironment({
    DATABASE_PATH: path.join(directory, 'site.db'),
    UPLOADS_PATH: path.join(directory, 'uploads'),
    SESSION_SECRET: 'a-secret-for-tests-of-many-different-bytes-0123456789',
  });
  const database = openDatabase(env.databasePath);
  await migrate(database, { log: silentLog, now: () => nowMs });
  database.close();
  const { instruments, stop } = observe({ walBytes: () => 0, diskFreeBytes: () => 0, diskBytes: () => 0 });
  stop();
  return await openBluejay({ env, log: silentLog, instruments, now: () => nowMs });
};

/** Bytes by name. */
export const readTarFile = async (file: string): Promise<ReadonlyMap<string, string>> => {
  const files = new Map<string, string>();
  const tar = createReadStream(file).pipe(createGunzip()).pipe(extract());
  for await (const entry of tar) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
    files.set(entry.header.name, Buffer.concat(chunks).toString('latin1'));
  }
  return files;
};

/** Without the one thing that may differ. */
export const withoutTimeOfExport = (files: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...files].map(([name, bytes]) => [name, name === 'site.json' ? bytes.replace(/"exportedAt": "[^"]*"/, '') : bytes]));

/** Records of every type with all that they may have, files that they show, menus, old addresses and leads. */
export const fillAtRandom = async (site: OpenParts, random: Random, perType = 4): Promise<void> => {
  const { content, media, database } = site;
  for (let number = 1; number <= 6; number++) {
    const name = `${random.text(6)}.${number % 3 === 0 ? 'txt' : 'png'}`;
    const bytes = name.endsWith('txt') ? Buffer.from(random.text(50)) : await pictureOf(random);
    const file = await media.add({ name, content: Readable.from([bytes]), alt: random.text(10) }, null);
    media.describe(
      file.id,
      { isDecorative: random.boolean(), focal: { x: random.integer(0, 100), y: random.integer(0, 100) } },
      null,
    );
  }
  const ids = (type: string): readonly number[] =>
    content.list(content.type(type), { order: { by: 'id', direction: 'ascending' }, perPage: 1_000 }).records.map(({ id }) => id);
  for (const type of inOrderOfReferences(content.types)) {
    for (let number = 0; number < perType; number++) {
      try {
        const draft = withMediaOfTheSite(type, randomDraft(type, { random, ids }));
        if (type.kind === 'collection') {
          const { id, slug, version } = content.create(type, draft, null);
          if (type.slug !== undefined && random.boolean())
            content.update(type, id, { slug: `${slug.slice(0, 60)}-x`, fields: {} }, { version, actor: null });
          if (type.page !== undefined && random.boolean())
            keepForeignAddress(database, `/old/${random.text(5)}/${type.name}/${number}/`, { type: type.name, record: id });
        } else if (type.kind === 'singleton') {
          const { id, version } = content.single(type);
          content.update(type, id, draft, { version, actor: null });
        }
      } catch (error) {
        // What came out empty where it must not is not of interest here.
        if (!(error instanceof InvalidContentError)) throw error;
      }
    }
    if (type.kind === 'collection') content.reorder(type, random.shuffle(ids(type.name)), null);
  }
  const menus = createMenus(database, site.now);
  const { id } = menus.create({ name: 'Above', location: 'header' });
  const item = { linkType: 'page', url: '', page: 'products', opensNewTab: false, isActive: true } as const;
  const [parent, below] = [menus.addItem(id, { ...item, label: 'Products' }), menus.addItem(id, { ...item, label: 'More' })];
  menus.arrange(id, [
    { id: parent, parentId: null },
    { id: below, parentId: parent },
  ]);
  const lead = { name: 'Ada', email: 'ada@example.com', company: 'Engines', network: '192.0.2.0/24', userAgent: 'Test' };
  const submissions = openSubmissions(database, site.now);
  const message = { ...lead, phone: '1', message: 'Hello', inquiry: 'sales', kind: 'rfq', product: 'X-1' } as const;
  submissions.update(submissions.add(message), { status: 'replied', notes: 'called' });
  const [whitepaper = 0] = ids('whitepaper');
  openDownloads(database, site.now).add({ ...lead, whitepaper, whitepaperTitle: 'T', designation: '', hasConsented: true });
};

/** There are six files, and the draft speaks of fifty. */
const withMediaOfTheSite = (type: ContentType, draft: Draft): Draft => {
  const ids: IdMap = { record: (_, id) => id, media: (id) => (id % 6) + 1 };
  return {
    ...draft,
    ...(draft.seo && { seo: seoWithOtherIds(draft.seo, ids) }),
    fields: withOtherIds(type.fields, draft.fields, ids),
    children: childrenWithOtherIds(type, (draft.children ?? {}) as Parameters<typeof childrenWithOtherIds>[1], ids),
  };
};

const pictureOf = (random: Random): Promise<Buffer> => {
  const [r, g, b] = [random.integer(0, 255), random.integer(0, 255), random.integer(0, 255)];
  return sharp({ create: { width: random.integer(20, 90), height: 40, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
};
