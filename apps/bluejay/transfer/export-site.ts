/** Writes a whole site into an archive, as it is at one moment; the site may go on meanwhile. */
import type { DatabaseSync } from 'node:sqlite';
import { quoted } from '../content/names.ts';
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import { loadRecords } from '../content/rows.ts';
import { formatOf } from '../media/file-format.ts';
import { createMediaRows } from '../media/media-rows.ts';
import { createMenus } from '../navigation/menus.ts';
import { openDownloads } from '../leads/downloads.ts';
import type { OpenParts } from '../open-bluejay.ts';
import { openDatabase } from '../store/open-database.ts';
import { type ArchiveWriter, openArchiveWriter } from './archive-writer.ts';
import { childrenWithOtherIds, type IdMap, seoWithOtherIds, withOtherIds } from './local-ids.ts';
import { withPlaces } from './site-facts.ts';
import {
  FILES,
  inOrderOfReferences,
  mediaFileName,
  recordsFileName,
  SITE_FORMAT,
  SITE_FORMAT_VERSION,
  type SiteManifest,
} from './site-format.ts';

export type ExportOptions = {
  /** `*.tar.gz`, or a directory that is empty or not there. */
  readonly target: string;
  /** Messages and downloads: personal data. */
  readonly withLeads?: boolean;
};

/** Gives what was written. Accounts, sessions, the log, revisions and secrets never are. */
export const exportSite = async (
  parts: Pick<OpenParts, 'env' | 'content' | 'media' | 'now'>,
  { target, withLeads = false }: ExportOptions,
): Promise<SiteManifest> => {
  // Its own connection in one long read: what is saved meanwhile is not seen, and nobody waits.
  const database = openDatabase(parts.env.databasePath);
  try {
    database.exec('BEGIN');
    const writer = await openArchiveWriter(target);
    try {
      const manifest = await writeSite(writer, { ...parts, database, withLeads });
      await writer.finish();
      return manifest;
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  } finally {
    database.close();
  }
};

/** Records that are read at once, and the size from which their file ends. */
const RECORDS_AT_ONCE = 50;
const PART_BYTES = 2 * 2 ** 20;

type Source = Pick<OpenParts, 'content' | 'media' | 'now'> & { readonly database: DatabaseSync; readonly withLeads: boolean };

const writeSite = async (writer: ArchiveWriter, source: Source): Promise<SiteManifest> => {
  const { database, content, withLeads } = source;
  const types = inOrderOfReferences(content.types);
  const numbers = new Map(types.map((type) => [type.name, numbered(database, type.table)]));
  const mediaNumbers = numbered(database, 'media_files');
  const ids: IdMap = {
    record: (type, id) => numbers.get(type)?.get(id),
    media: (id) => mediaNumbers.get(id),
  };
  const manifest: SiteManifest = {
    format: SITE_FORMAT,
    version: SITE_FORMAT_VERSION,
    exportedAt: new Date(source.now()).toISOString(),
    withLeads,
    records: Object.fromEntries(types.map(({ name }) => [name, numbers.get(name)?.size ?? 0])),
    media: mediaNumbers.size,
  };
  await writer.file(FILES.manifest, `${JSON.stringify(manifest, null, 2)}\n`);
  await writeMedia(writer, source, mediaNumbers);
  for (const type of types) await writeRecords(writer, { database, type, ids, places: placesOf(database, type) });
  await writeMenus(writer, database);
  await writeRedirects(writer, database, ids);
  if (withLeads) await writeLeads(writer, database, ids);
  return manifest;
};

/** id → 1, 2, 3… by age. */
const numbered = (database: DatabaseSync, table: string): ReadonlyMap<number, number> =>
  new Map(
    database
      .prepare(`SELECT id FROM ${quoted(table)} ORDER BY id`)
      .all()
      .map(({ id }, index) => [Number(id), index + 1]),
  );

/** id → its place in the order by hand. */
const placesOf = (database: DatabaseSync, type: ContentType): ReadonlyMap<number, number> =>
  new Map(
    database
      .prepare(`SELECT id FROM ${quoted(type.table)} ORDER BY position, id`)
      .all()
      .map(({ id }, index) => [Number(id), index + 1]),
  );

const writeMedia = async (
  writer: ArchiveWriter,
  { database, media }: Source,
  numbers: ReadonlyMap<number, number>,
): Promise<void> => {
  const rows = createMediaRows(database);
  const files = [...numbers].flatMap(([id, number]) => {
    const file = rows.find(id);
    return file === undefined
      ? []
      : [{ file, name: mediaFileName(number, formatOf(file.mimeType)?.extensions[0] ?? 'bin'), number }];
  });
  const facts = files.map(({ file, name, number }) => ({
    id: number,
    file: name,
    name: file.originalName,
    bytes: file.bytes,
    alt: file.alt,
    isDecorative: file.isDecorative,
    focal: file.focal,
  }));
  await writer.file(FILES.media, linesOf(facts));
  for (const { file, name } of files) await writer.stream(name, file.bytes, media.open(file.id));
};

type Records = {
  readonly database: DatabaseSync;
  readonly type: ContentType;
  readonly ids: IdMap;
  readonly places: ReadonlyMap<number, number>;
};

const writeRecords = async (writer: ArchiveWriter, { database, type, ids, places }: Records): Promise<void> => {
  let part = 1;
  let lines: string[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await writer.file(recordsFileName(type.name, part), lines.join(''));
    part += 1;
    lines = [];
    bytes = 0;
  };
  for (let last = 0; ; ) {
    const query = { where: 'r."id" > ?', params: [last], order: ['r."id"'], limit: RECORDS_AT_ONCE };
    const records: readonly AnyRecord[] = loadRecords(database, type, query);
    for (const record of records) {
      const line = `${JSON.stringify(lineOf(type, record, ids, places.get(record.id) ?? 0))}\n`;
      lines.push(line);
      bytes += line.length;
      if (bytes > PART_BYTES) await flush();
    }
    const next = records.at(-1);
    if (next === undefined) break;
    last = next.id;
  }
  if (lines.length > 0) await flush();
};

/** As `record-line.ts` reads it. */
const lineOf = (type: ContentType, record: AnyRecord, ids: IdMap, position: number) => ({
  id: ids.record(type.name, record.id),
  ...(type.slug !== undefined && { slug: record.slug }),
  ...(type.lifecycle === 'publication' && {
    status: record.status,
    publishAt: momentOf(record.publishAtMs),
    unpublishAt: momentOf(record.unpublishAtMs),
  }),
  position,
  createdAt: momentOf(record.createdAtMs),
  updatedAt: momentOf(record.updatedAtMs),
  ...(type.seo === true && { seo: seoWithOtherIds(record.seo, ids) }),
  fields: withOtherIds(type.fields, record.fields, ids),
  ...(type.children !== undefined && { children: childrenWithOtherIds(type, record.children, ids) }),
});

const writeMenus = async (writer: ArchiveWriter, database: DatabaseSync): Promise<void> => {
  const menus = createMenus(database, () => 0);
  const all = menus.list().map(({ id, name, location }) => ({ name, location, items: withPlaces(menus.items(id)) }));
  all.sort((one, other) => (one.location < other.location ? -1 : 1));
  await writer.file(FILES.menus, `${JSON.stringify(all, null, 2)}\n`);
};

const writeRedirects = async (writer: ArchiveWriter, database: DatabaseSync, ids: IdMap): Promise<void> => {
  const rows = database.prepare('SELECT type, slug, record FROM redirects ORDER BY type, slug').all();
  const kept = rows.flatMap(({ type, slug, record }) => {
    const id = ids.record(String(type), Number(record));
    return id === undefined ? [] : [{ type: String(type), slug: String(slug), record: id }];
  });
  const foreign = database.prepare('SELECT path, type, record FROM foreign_addresses ORDER BY path').all();
  const paths = foreign.flatMap(({ path, type, record }) => {
    const id = ids.record(String(type), Number(record));
    return id === undefined ? [] : [{ type: String(type), path: String(path), record: id }];
  });
  await writer.file(FILES.redirects, linesOf([...kept, ...paths]));
};

const writeLeads = async (writer: ArchiveWriter, database: DatabaseSync, ids: IdMap): Promise<void> => {
  const submissions = database.prepare('SELECT * FROM contact_submissions ORDER BY id').all();
  await writer.file(
    FILES.submissions,
    linesOf(
      submissions.map(
        ({ id: _id, created_at: at, inquiry_type: inquiry, submission_type: kind, user_agent: userAgent, ...row }) => ({
          ...row,
          inquiry,
          kind,
          userAgent,
          createdAt: momentOf(Number(at)),
        }),
      ),
    ),
  );
  const downloads = openDownloads(database, () => 0).all({});
  await writer.file(
    FILES.downloads,
    linesOf(
      downloads.toReversed().map(({ id: _id, createdAtMs, whitepaper, ...lead }) => ({
        ...lead,
        whitepaper: ids.record('whitepaper', whitepaper) ?? null,
        createdAt: momentOf(createdAtMs),
      })),
    ),
  );
};

const linesOf = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const momentOf = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
