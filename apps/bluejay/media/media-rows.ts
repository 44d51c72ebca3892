/** The library's rows: what is known of each file. Synchronous, in SQLite. */
import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import { inTransaction } from '../store/transaction.ts';
import { containing } from '../store/like.ts';
import type { MediaDescription, MediaFile, MediaKind, MediaPage, MediaQuery, MediaSort } from './media.ts';
import type { Rendered } from './rendition-plan.ts';

/** Besides what everybody sees: where it lies and what it was made from. */
export type MediaRow = MediaFile & {
  /** Under originals/. */
  readonly storedName: string;
  readonly frames: number;
  readonly hasAlpha: boolean;
};

export type NewMedia = Pick<MediaRow, 'originalName' | 'mimeType' | 'kind' | 'bytes' | 'storedName' | 'frames' | 'hasAlpha'> & {
  readonly digest: string;
  readonly width: number | null;
  readonly height: number | null;
  readonly renditions: readonly Rendered[];
};

export type MediaRows = {
  find(id: number): MediaRow | undefined;
  byDigest(digest: string): MediaRow | undefined;
  /** All at once, with its renditions: one transaction. */
  insert(media: NewMedia, facts: { readonly alt: string; readonly atMs: number; readonly by: number | null }): number;
  /** Undefined: it is gone. Otherwise the names that nothing speaks of any more. */
  replace(
    id: number,
    media: NewMedia,
    atMs: number,
  ): { readonly storedName: string; readonly renditions: readonly string[] } | undefined;
  describe(id: number, change: MediaDescription, atMs: number): void;
  remove(id: number): void;
  list(query: MediaQuery): Omit<MediaPage, 'files'> & { readonly files: readonly MediaRow[] };
  /** Narrow ones first. */
  renditions(id: number): readonly Rendered[];
  /** False: the picture was removed or replaced meanwhile. */
  addRendition(media: Pick<MediaRow, 'id' | 'storedName'>, rendition: Rendered): boolean;
  dropRendition(name: string): void;
  countDownload(id: number): void;
  /** Newest first. */
  all(): readonly MediaRow[];
  storedNames(): { readonly originals: ReadonlySet<string>; readonly renditions: ReadonlySet<string> };
};

export const PER_PAGE = 24;

const ORDERS: Readonly<Record<MediaSort, string>> = {
  newest: 'created_at DESC, id DESC',
  oldest: 'created_at, id',
  name: 'original_name COLLATE NOCASE, id',
  largest: 'bytes DESC, id DESC',
};

export const createMediaRows = (database: DatabaseSync): MediaRows => {
  const selectOne = database.prepare('SELECT * FROM media_files WHERE id = ?');
  const selectByDigest = database.prepare('SELECT * FROM media_files WHERE digest = ?');
  const selectRenditions = database.prepare('SELECT * FROM media_renditions WHERE media_id = ? ORDER BY format, width');
  const insertRendition = database.prepare(
    `INSERT INTO media_renditions (media_id, format, width, height, name, bytes)
     SELECT id, ?, ?, ?, ?, ? FROM media_files WHERE id = ? AND stored_name = ? ON CONFLICT DO NOTHING`,
  );
  const insertFile = database.prepare(
    `INSERT INTO media_files (original_name, mime_type, kind, stored_name, digest, bytes, width, height, frames, has_alpha,
       updated_at, alt, created_at, created_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateFile = database.prepare(
    `UPDATE media_files SET original_name = ?, mime_type = ?, kind = ?, stored_name = ?, digest = ?, bytes = ?, width = ?,
       height = ?, frames = ?, has_alpha = ?, updated_at = ? WHERE id = ?`,
  );

  const renditions = (id: number): readonly Rendered[] =>
    selectRenditions.all(id).map((row) => renditionOf(row as RenditionColumns));
  const find = (id: number): MediaRow | undefined => rowOf(selectOne.get(id));

  const addRendition = ({ id, storedName }: Pick<MediaRow, 'id' | 'storedName'>, one: Rendered): boolean =>
    Number(insertRendition.run(one.format, one.width, one.height, one.name, one.bytes, id, storedName).changes) > 0;

  return {
    find,
    renditions,
    addRendition,
    byDigest: (digest) => rowOf(selectByDigest.get(digest)),
    insert: (media, { alt, atMs, by }) =>
      inTransaction(database, () => {
        const { lastInsertRowid } = insertFile.run(...valuesOf(media), atMs, alt, atMs, by);
        const id = Number(lastInsertRowid);
        for (const one of media.renditions) addRendition({ id, storedName: media.storedName }, one);
        return id;
      }),
    replace: (id, media, atMs) =>
      inTransaction(database, () => {
        const before = find(id);
        if (before === undefined) return undefined;
        const old = { storedName: before.storedName, renditions: renditions(id).map(({ name }) => name) };
        database.prepare('DELETE FROM media_renditions WHERE media_id = ?').run(id);
        updateFile.run(...valuesOf(media), atMs, id);
        for (const one of media.renditions) addRendition({ id, storedName: media.storedName }, one);
        return old;
      }),
    describe(id, { alt, isDecorative, focal }, atMs) {
      const set = database.prepare(
        `UPDATE media_files SET alt = coalesce(?, alt), is_decorative = coalesce(?, is_decorative),
           focal_x = coalesce(?, focal_x), focal_y = coalesce(?, focal_y), updated_at = ? WHERE id = ?`,
      );
      const decorative = isDecorative === undefined ? null : Number(isDecorative);
      set.run(alt ?? null, decorative, focal?.x ?? null, focal?.y ?? null, atMs, id);
    },
    remove(id) {
      inTransaction(database, () => {
        database.prepare('DELETE FROM media_renditions WHERE media_id = ?').run(id);
        database.prepare('DELETE FROM media_files WHERE id = ?').run(id);
      });
    },
    list(query) {
      const { where, values } = conditionsOf(query);
      const { total } = database.prepare(`SELECT count(*) AS total FROM media_files ${where}`).get(...values) as {
        total: number;
      };
      const offset = (Math.max(1, Math.trunc(query.page ?? 1)) - 1) * PER_PAGE;
      const rows = database
        .prepare(`SELECT * FROM media_files ${where} ORDER BY ${ORDERS[query.sort ?? 'newest']} LIMIT ${PER_PAGE} OFFSET ?`)
        .all(...values, offset);
      return { files: rows.flatMap((row) => rowOf(row) ?? []), total, pages: Math.max(1, Math.ceil(total / PER_PAGE)) };
    },
    dropRendition: (name) => void database.prepare('DELETE FROM media_renditions WHERE name = ?').run(name),
    countDownload(id) {
      database.prepare('UPDATE media_files SET download_count = download_count + 1 WHERE id = ?').run(id);
    },
    all: () =>
      database
        .prepare('SELECT * FROM media_files ORDER BY id DESC')
        .all()
        .flatMap((row) => rowOf(row) ?? []),
    storedNames: () => ({
      originals: namesOf(database.prepare('SELECT stored_name AS name FROM media_files').all()),
      renditions: namesOf(database.prepare('SELECT name FROM media_renditions').all()),
    }),
  };
};

type FileColumns = {
  readonly id: number;
  readonly original_name: string;
  readonly mime_type: string;
  readonly kind: MediaKind;
  readonly stored_name: string;
  readonly bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly frames: number;
  readonly has_alpha: number;
  readonly alt: string;
  readonly is_decorative: number;
  readonly focal_x: number;
  readonly focal_y: number;
  readonly download_count: number;
  readonly created_at: number;
  readonly created_by: number | null;
};
type RenditionColumns = Rendered & { readonly media_id: number };

const rowOf = (given: unknown): MediaRow | undefined => {
  if (given === undefined) return undefined;
  const row = given as FileColumns;
  return {
    id: row.id,
    originalName: row.original_name,
    mimeType: row.mime_type,
    kind: row.kind,
    bytes: row.bytes,
    width: row.width,
    height: row.height,
    alt: row.alt,
    isDecorative: row.is_decorative === 1,
    focal: { x: row.focal_x, y: row.focal_y },
    downloads: row.download_count,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
    storedName: row.stored_name,
    frames: row.frames,
    hasAlpha: row.has_alpha === 1,
  };
};

const renditionOf = ({ format, width, height, name, bytes }: RenditionColumns): Rendered => ({
  format,
  width,
  height,
  name,
  bytes,
});

const valuesOf = (media: NewMedia): SQLInputValue[] => [
  media.originalName,
  media.mimeType,
  media.kind,
  media.storedName,
  media.digest,
  media.bytes,
  media.width,
  media.height,
  media.frames,
  Number(media.hasAlpha),
];

const conditionsOf = ({
  search = '',
  kind,
  undescribed,
}: MediaQuery): { readonly where: string; readonly values: SQLInputValue[] } => {
  const words = search
    .split(/\s+/)
    .filter((word) => word !== '')
    .slice(0, 8);
  const conditions = words.map(() => "(original_name || ' ' || alt) LIKE ? ESCAPE '\\'");
  const values: SQLInputValue[] = words.map(containing);
  if (kind !== undefined) {
    conditions.push('kind = ?');
    values.push(kind);
  }
  if (undescribed === true) conditions.push("kind = 'image' AND alt = '' AND is_decorative = 0");
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
};

const namesOf = (rows: readonly unknown[]): ReadonlySet<string> => new Set(rows.map((row) => (row as { name: string }).name));
