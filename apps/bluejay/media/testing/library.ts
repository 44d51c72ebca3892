/** A library in a directory of its own, over a database in memory, with a clock that stands still. */
import { readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { silentLog } from '@berth/kit';
import { temporaryDirectory } from '@berth/testing';
import type { ActivityEntry } from '../../accounts/activity.ts';
import { createSigner, type Signer } from '../../signing.ts';
import type { Media, MediaFile, Upload } from '../media.ts';
import { mediaMigrations } from '../migrations.ts';
import { openMedia } from '../open-media.ts';
import { createFakeContent, type FakeContent } from './fake-content.ts';

export type TestLibrary = AsyncDisposable & {
  readonly media: Media;
  readonly content: FakeContent;
  readonly database: DatabaseSync;
  readonly signer: Signer;
  readonly directory: string;
  readonly entries: readonly ActivityEntry[];
  /** Tags that were announced. */
  readonly tags: string[];
  readonly uploadedBytes: () => number;
  readonly now: () => number;
  sleep(ms: number): void;
  add(name: string, content: Buffer | string, options?: Pick<Upload, 'alt' | 'accept'>): Promise<MediaFile>;
  /** All files below, by folder, sorted. */
  files(): Readonly<Record<string, readonly string[]>>;
};

export const EDITOR = { id: 7, name: 'Edda' };

export const openTestLibrary = async (
  options: { readonly directory?: string; readonly database?: DatabaseSync; readonly nowMs?: number } = {},
): Promise<TestLibrary> => {
  const temporary = options.directory === undefined ? await temporaryDirectory('bluejay-media-') : undefined;
  const directory = options.directory ?? temporary?.join('uploads') ?? '';
  const database = options.database ?? openMediaDatabase(':memory:');
  const entries: ActivityEntry[] = [];
  const tags: string[] = [];
  let nowMs = options.nowMs ?? Date.now();
  let bytes = 0;
  const now = (): number => nowMs;
  const content = createFakeContent(now);
  content.onChange((change) => void tags.push(...change.tags));
  const signer = createSigner(['a secret for tests, of many different bytes 0123'], now);
  const media = await openMedia({
    database,
    directory,
    content,
    signer,
    now,
    log: silentLog,
    activity: { record: (entry) => void entries.push(entry) },
    instruments: { uploadBytes: { increment: (by = 1) => void (bytes += by), value: 0 } },
  });
  return {
    media,
    content,
    database,
    signer,
    directory,
    entries,
    tags,
    now,
    uploadedBytes: () => bytes,
    sleep: (ms) => void (nowMs += ms),
    add: (name, given, more) => media.add({ name, content: Readable.from([Buffer.from(given)]), ...more }, EDITOR),
    files: () => filesBelow(directory),
    async [Symbol.asyncDispose]() {
      await media[Symbol.asyncDispose]();
      if (options.database === undefined) database.close();
      await temporary?.[Symbol.asyncDispose]();
    },
  };
};

/** Over files that outlive the process: for those that are killed. */
export const openLibraryIn = async (
  directory: string,
): Promise<AsyncDisposable & { add(name: string, content: Readable): Promise<MediaFile> }> => {
  const library = await openTestLibrary({
    directory: `${directory}/uploads`,
    database: openMediaDatabase(`${directory}/media.db`),
  });
  return {
    add: (name, content) => library.media.add({ name, content }, EDITOR),
    [Symbol.asyncDispose]: () => library[Symbol.asyncDispose](),
  };
};

export const openMediaDatabase = (file: string): DatabaseSync => {
  const database = new DatabaseSync(file);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000');
  const isNew = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'media_files'").get() === undefined;
  if (isNew) for (const { sql } of mediaMigrations) database.exec(sql);
  return database;
};

export const filesBelow = (directory: string): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(
    ['incoming', 'originals', 'renditions', 'public'].map((folder) => [folder, readdirSync(`${directory}/${folder}`).toSorted()]),
  );
