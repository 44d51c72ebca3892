/** The library over a database and a directory: takes files, makes their sizes, publishes those that visible content shows. */
import { createReadStream } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import type { Log } from '@berth/kit';
import type { Activity, ActivityAction } from '../accounts/activity.ts';
import type { Actor } from '../content/content.ts';
import { ContentError, contentGone, contentInUse } from '../content/errors.ts';
import { html } from '../html/html.ts';
import type { Instruments } from '../metrics.ts';
import type { Signer } from '../signing.ts';
import { mediaNotAllowed } from './errors.ts';
import { takeFile } from './intake.ts';
import type { Media, MediaDescription, MediaFile, Upload } from './media.ts';
import { openMediaDirectory } from './media-directory.ts';
import { createMediaFiles } from './media-files.ts';
import { createMediaRows, type MediaRow, type NewMedia } from './media-rows.ts';
import { repair } from './repair.ts';
import { renderPicture } from './picture.ts';
import { type ContentWithMedia, createPublication } from './publication.ts';
import { plainRendition, type Rendered } from './rendition-plan.ts';
import { createRenditions } from './renditions.ts';
import { createScheduleTimer } from './schedule-timer.ts';
import { createWorkshop } from './workshop.ts';

export type MediaOptions = {
  readonly database: DatabaseSync;
  /** UPLOADS_PATH; made when it is not there. */
  readonly directory: string;
  readonly content: ContentWithMedia;
  readonly activity: Activity;
  readonly signer: Signer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly log: Log;
  readonly instruments: Pick<Instruments, 'uploadBytes'>;
};

/** Previews are made anew more often than that. */
const PREVIEW_LIFE_MS = 3_600_000;
/** An upload takes less; what is older and has no row was killed. */
const REMAINS_AGE_MS = 3_600_000;

/** Removes what killed uploads have left, and makes what is missing; resolves when the library can be used. */
export const openMedia = async (options: MediaOptions): Promise<Media> => {
  const { database, content, activity, signer, now, log, instruments } = options;
  const directory = openMediaDirectory(options.directory);
  const rows = createMediaRows(database);
  const workshop = createWorkshop(1);
  const publication = createPublication({
    content,
    now,
    namesOf: (id) => rows.renditions(id).map(({ name }) => name),
    async link(name) {
      if (!(await directory.publish(name))) log.error('media.rendition_missing', { name });
    },
    unlink: (name) => directory.remove('public', name),
    linked: () => directory.names('public'),
  });

  const announce = (id: number, action: 'created' | 'updated' | 'deleted'): void =>
    content.announce({ type: 'media', id, action, tags: [`media:${id}`] });
  const publish = async (): Promise<void> => {
    try {
      await publication.publish();
    } catch (error) {
      // Pages go on with signed addresses; the next page tries again.
      log.error('media.publish_failed', { error });
    }
    timer.plan(publication.nextChangeAtMs());
  };
  const timer = createScheduleTimer(now, async () => {
    content.notice();
    await publish();
  });
  const renditions = createRenditions({
    directory,
    rows,
    workshop,
    log,
    async onMade(id) {
      announce(id, 'updated');
      await publish();
    },
  });
  const intake = { directory, workshop, renditions };

  const get = (id: number): MediaRow => {
    const row = rows.find(id);
    if (row === undefined) throw contentGone('file');
    return row;
  };
  const note = (action: ActivityAction, file: MediaFile, actor: Actor, description: string): void =>
    activity.record({ actor, action, resource: 'media', resourceId: file.id, title: file.originalName, description });
  const drop = async (names: { readonly storedName: string; readonly renditions: readonly string[] }): Promise<void> => {
    for (const name of names.renditions) await directory.remove('renditions', name);
    await directory.remove('originals', names.storedName);
  };
  /** The file of a row that could not be written. */
  const dropNew = (media: NewMedia): Promise<void> =>
    drop({ storedName: media.storedName, renditions: media.renditions.map(({ name }) => name) });

  const add = async (upload: Upload, actor: Actor): Promise<MediaFile> => {
    const taken = await takeFile(intake, upload, (digest) => rows.byDigest(digest));
    if (taken.known !== undefined) return publicFacts(taken.known);
    const { media } = taken;
    // Nothing waits between these two: whoever sends the same at the same moment finds the other's row.
    const twin = rows.byDigest(media.digest);
    if (twin !== undefined) {
      await dropNew(media);
      return publicFacts(twin);
    }
    try {
      const alt = (upload.alt ?? '').trim();
      const file = get(rows.insert(media, { alt, atMs: now(), by: actor?.id ?? null }));
      instruments.uploadBytes.increment(media.bytes);
      note('created', file, actor, `Uploaded “${file.originalName}”`);
      renditions.makeMissing(file);
      return publicFacts(file);
    } catch (error) {
      await dropNew(media);
      throw error;
    }
  };

  const replace = async (id: number, upload: Upload, actor: Actor): Promise<MediaFile> => {
    const before = get(id);
    const taken = await takeFile(intake, { ...upload, ...(before.kind === 'image' && { accept: 'image' }) }, (digest) =>
      rows.byDigest(digest),
    );
    if (taken.known !== undefined) {
      if (taken.known.id === id) return publicFacts(taken.known);
      throw mediaNotAllowed(upload.name, `it is in the library already, as “${taken.known.originalName}”`);
    }
    const { media } = taken;
    if (media.kind !== before.kind) {
      await dropNew(media);
      throw mediaNotAllowed(upload.name, 'a document cannot take the place of a picture, nor a picture that of a document');
    }
    const old = rows.replace(id, media, now());
    if (old === undefined) {
      await dropNew(media);
      throw contentGone('file');
    }
    instruments.uploadBytes.increment(media.bytes);
    const file = get(id);
    note('updated', file, actor, `Replaced “${before.originalName}” by “${file.originalName}”`);
    renditions.makeMissing(file);
    announce(id, 'updated');
    await publish();
    await drop(old);
    return publicFacts(file);
  };

  const describe = (id: number, change: MediaDescription, actor: Actor): MediaFile => {
    get(id);
    const alt = change.alt?.trim();
    if (alt !== undefined && alt.length > 500)
      throw new ContentError('CONTENT_INVALID', 400, 'An alternative text has at most 500 characters.');
    const focal = change.focal && { x: percent(change.focal.x), y: percent(change.focal.y) };
    rows.describe(id, { ...change, ...(alt !== undefined && { alt }), ...(focal !== undefined && { focal }) }, now());
    const file = get(id);
    note('updated', file, actor, `Described “${file.originalName}”`);
    announce(id, 'updated');
    return publicFacts(file);
  };

  const remove = async (id: number, actor: Actor): Promise<void> => {
    const file = get(id);
    const users = content.usersOfMedia(id);
    if (users.length > 0)
      throw contentInUse(
        file.originalName,
        users.map(({ type, record }) => nameOfUser(type, record)),
      );
    const names = rows.renditions(id).map(({ name }) => name);
    rows.remove(id);
    note('deleted', file, actor, `Deleted the file “${file.originalName}”`);
    announce(id, 'deleted');
    await drop({ storedName: file.storedName, renditions: names });
  };

  const addressOf =
    (id: number) =>
    ({ name }: Rendered): string => {
      if (publication.has(id)) return `/uploads/${name}`;
      // Whole hours: a preview that is asked for twice is the same.
      const expires = (Math.floor(now() / PREVIEW_LIFE_MS) + 2) * PREVIEW_LIFE_MS;
      return `/files/${signer.sign('media-preview', name, expires)}`;
    };

  /** A size that was made just now is on no page before it can be had. After a replacement all are new, and there at once. */
  const shownRenditions = (id: number): readonly Rendered[] => {
    const made = rows.renditions(id);
    const names = publication.namesOf(id);
    const there = made.filter(({ name }) => names.includes(name));
    return there.length > 0 ? there : made;
  };

  await repair(directory, rows, log);
  const swept = await directory.sweep(rows.storedNames(), now() - REMAINS_AGE_MS);
  if (swept.length > 0) log.warn('media.remains_removed', { files: swept.length });
  for (const file of rows.all()) renditions.makeMissing(file);

  return {
    add,
    replace,
    describe,
    remove,
    publish,
    find(id) {
      const row = rows.find(id);
      return row && publicFacts(row);
    },
    list(query) {
      const { files, total, pages } = rows.list(query);
      return { files: files.map((file) => publicFacts(file)), total, pages };
    },
    picture(id, pictureOptions) {
      const row = id === null ? undefined : rows.find(id);
      if (row === undefined || row.width === null || row.height === null) return html``;
      const { width, height } = row;
      return renderPicture({ ...row, width, height }, shownRenditions(row.id), pictureOptions, addressOf(row.id));
    },
    pathOf(id, { width = 1_200 } = {}) {
      const row = id === null ? undefined : rows.find(id);
      if (row === undefined || !publication.has(row.id)) return undefined;
      if (row.kind === 'document') return `/downloads/${row.id}/${encodeURIComponent(row.originalName)}`;
      const chosen = plainRendition(row, shownRenditions(row.id), width);
      return chosen && `/uploads/${chosen.name}`;
    },
    signedPath: (id, expiresAtMs) => `/files/${signer.sign('media-file', String(id), expiresAtMs)}`,
    open: (id) => createReadStream(directory.pathOf('originals', get(id).storedName)),
    isPublished: (id) => publication.has(id),
    settled: renditions.settled,
    async missing() {
      const there = new Set(await directory.names('originals'));
      return rows.all().flatMap((row) => (there.has(row.storedName) ? [] : [row.originalName]));
    },
    async [Symbol.asyncDispose]() {
      timer.stop();
      await workshop.close();
      await renditions.settled();
    },
    files: createMediaFiles({ directory, rows, publication, signer }),
  };
};

/** Without what only the library itself needs to know. */
const publicFacts = ({ storedName: _storedName, frames: _frames, hasAlpha: _hasAlpha, ...file }: MediaRow): MediaFile => file;

const percent = (value: number): number => {
  if (!Number.isFinite(value) || value < 0 || value > 100)
    throw new ContentError('CONTENT_INVALID', 400, 'The focal point lies between 0 and 100 percent.');
  return Math.round(value);
};

const nameOfUser = (
  type: { readonly label: { readonly one: string }; readonly title: string },
  record: { readonly fields: Readonly<Record<string, unknown>> },
): string => {
  const title = record.fields[type.title];
  return typeof title === 'string' && title !== '' ? `${type.label.one} “${title}”` : type.label.one;
};
