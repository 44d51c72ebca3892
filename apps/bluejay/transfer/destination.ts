/** The site into which something comes, or a copy of its database for a rehearsal. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { silentLog } from '@berth/kit';
import type { Content } from '../content/content.ts';
import { openContent } from '../content/open-content.ts';
import { mediaTooLarge } from '../media/errors.ts';
import { IMAGE_LIMIT_BYTES, recogniseFile } from '../media/file-format.ts';
import type { MediaDescription } from '../media/media.ts';
import { createMediaRows } from '../media/media-rows.ts';
import type { OpenParts } from '../open-bluejay.ts';
import { backUp } from '../store/backup.ts';
import { openDatabase } from '../store/open-database.ts';
import type { Outcome } from './report.ts';

export type IncomingFile = {
  /** Where it lies, complete. */
  readonly path: string;
  readonly name: string;
  readonly about: MediaDescription;
  /** What is there already keeps its description. */
  readonly onlyNew?: boolean;
};

export type Destination = AsyncDisposable & {
  readonly database: DatabaseSync;
  readonly content: Content;
  readonly now: () => number;
  /**
   * A file of the library by its content: the one that is there, or a new one. Throws a ContentError for what the library does not
   * take. In a rehearsal the id of a new one is that of nothing.
   */
  addFile(file: IncomingFile): Promise<{ readonly id: number; readonly outcome: Outcome }>;
  /** Every size of every picture is there. */
  settled(): Promise<void>;
};

export type DestinationParts = Pick<OpenParts, 'database' | 'content' | 'media' | 'now'>;

export const openDestination = (parts: DestinationParts, { dryRun }: { readonly dryRun: boolean }): Promise<Destination> =>
  dryRun ? openRehearsal(parts) : Promise.resolve(openSite(parts));

const openSite = (parts: DestinationParts): Destination => ({
  database: parts.database,
  content: parts.content,
  now: parts.now,
  async addFile({ path: file, name, about, onlyNew = false }) {
    const there = await findFile(parts, parts.database, file);
    const added =
      there === undefined
        ? await parts.media.add({ name, content: createReadStream(file), alt: about.alt ?? '' }, null)
        : undefined;
    const id = there ?? added?.id ?? 0;
    const now = parts.media.find(id);
    const isSame =
      now === undefined ||
      (onlyNew && there !== undefined) ||
      ((about.alt === undefined || about.alt.trim() === now.alt) &&
        (about.isDecorative === undefined || about.isDecorative === now.isDecorative) &&
        (about.focal === undefined || (about.focal.x === now.focal.x && about.focal.y === now.focal.y)));
    if (!isSame) parts.media.describe(id, about, null);
    return { id, outcome: there === undefined ? 'created' : isSame ? 'left' : 'updated' };
  },
  settled: () => parts.media.settled(),
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

/** Larger than every id of a library: what would be made has no file. */
const FIRST_IMAGINED = 900_000_000_000_000;

/** Everything is done for good, but to a copy that goes afterwards: so it finds what the real run would find. */
const openRehearsal = async (parts: DestinationParts): Promise<Destination> => {
  const directory = await mkdtemp(path.join(tmpdir(), 'bluejay-rehearsal-'));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const database = openDatabase(await backUp(parts.database, { directory, now: parts.now() }));
    const content = openContent({
      database,
      types: parts.content.types,
      activity: { record: () => undefined },
      now: parts.now,
      log: silentLog,
    });
    const imagined = new Map<string, number>();
    return {
      database,
      content,
      now: parts.now,
      async addFile({ path: file, name }) {
        const there = await findFile(parts, database, file);
        if (there !== undefined) return { id: there, outcome: 'left' };
        const { kind } = await recogniseFile(file, name);
        const { size } = await stat(file);
        if (kind === 'image' && size > IMAGE_LIMIT_BYTES) throw mediaTooLarge(name, IMAGE_LIMIT_BYTES, 'a picture');
        const digest = await digestOf(file);
        const id = imagined.get(digest) ?? FIRST_IMAGINED + imagined.size;
        imagined.set(digest, id);
        return { id, outcome: 'created' };
      },
      settled: () => Promise.resolve(),
      async [Symbol.asyncDispose]() {
        database.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
};

/** By what was sent once, or by what became of it in the library: an export has the latter. */
const findFile = async (
  { media }: Pick<DestinationParts, 'media'>,
  database: DatabaseSync,
  file: string,
): Promise<number | undefined> => {
  const digest = await digestOf(file);
  const known = createMediaRows(database).byDigest(digest);
  if (known !== undefined) return known.id;
  const { size } = await stat(file);
  const alike = database.prepare('SELECT id FROM media_files WHERE bytes = ? ORDER BY id').all(size);
  for (const row of alike) {
    const hash = createHash('sha256');
    for await (const chunk of media.open(Number(row['id'])) as AsyncIterable<Buffer>) hash.update(chunk);
    if (hash.digest('hex') === digest) return Number(row['id']);
  }
  return undefined;
};

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
};
