/** Makes the sizes of pictures: those that are needed at once, and the others when nobody waits. */
import type { Log } from '@berth/kit';
import { copyFile } from 'node:fs/promises';
import { type MediaDirectory, randomName } from './media-directory.ts';
import type { MediaRow, MediaRows } from './media-rows.ts';
import { renderPicture } from './picture-file.ts';
import { missingRenditions, planRenditions, type Rendered, type Wanted } from './rendition-plan.ts';
import { type Workshop, WorkshopClosedError } from './workshop.ts';

export type Source = Pick<MediaRow, 'mimeType' | 'storedName' | 'frames' | 'hasAlpha'> & {
  readonly width: number;
  readonly height: number;
};

export type Renditions = {
  /** Writes the files and gives them; none is left when one fails. An SVG has one, itself. */
  make(source: Source, wanted: readonly Wanted[]): Promise<readonly Rendered[]>;
  /** Later, and one after the other: what is planned for the picture and not there. */
  makeMissing(picture: MediaRow): void;
  /** Resolves when everything that was asked for is there and told. */
  settled(): Promise<void>;
};

export type RenditionsOptions = {
  readonly directory: MediaDirectory;
  readonly rows: MediaRows;
  readonly workshop: Workshop;
  readonly log: Pick<Log, 'error'>;
  /** More of a picture is there than before. */
  readonly onMade: (id: number) => Promise<void>;
};

export const createRenditions = ({ directory, rows, workshop, log, onMade }: RenditionsOptions): Renditions => {
  const makeOne = async (source: Source, { format, width }: Wanted): Promise<Rendered> => {
    await using file = directory.incoming();
    const original = directory.pathOf('originals', source.storedName);
    const size = await renderPicture(original, file.path, { format, width, isAnimated: source.frames > 1 });
    const name = `${randomName()}-${width}.${format === 'jpeg' ? 'jpg' : format}`;
    await directory.keep(file, 'renditions', name);
    return { format, width, height: size.height, name, bytes: size.bytes };
  };

  const copyDrawing = async (source: Source): Promise<Rendered> => {
    await using file = directory.incoming();
    await copyFile(directory.pathOf('originals', source.storedName), file.path);
    const name = `${randomName()}-${source.width}.svg`;
    await directory.keep(file, 'renditions', name);
    const bytes = await directory.size('renditions', name);
    return { format: 'svg', width: source.width, height: source.height, name, bytes };
  };

  const make = async (source: Source, wanted: readonly Wanted[]): Promise<readonly Rendered[]> => {
    if (source.mimeType === 'image/svg+xml') return [await copyDrawing(source)];
    const made: Rendered[] = [];
    try {
      for (const one of wanted) made.push(await makeOne(source, one));
    } catch (error) {
      for (const { name } of made) await directory.remove('renditions', name);
      throw error;
    }
    return made;
  };

  /** Gives whether it is in the library now; a picture that was removed or replaced meanwhile leaves nothing behind. */
  const complete = async (picture: MediaRow, source: Source, wanted: Wanted): Promise<boolean> => {
    if (rows.find(picture.id)?.storedName !== picture.storedName) return false;
    const rendition = await makeOne(source, wanted);
    const isNew = rows.addRendition(picture, rendition);
    if (!isNew) await directory.remove('renditions', rendition.name);
    return isNew;
  };

  const pending = new Set<Promise<void>>();
  const finish = async (picture: MediaRow, jobs: readonly Promise<boolean>[]): Promise<void> => {
    const results = await Promise.allSettled(jobs);
    for (const result of results)
      if (result.status === 'rejected' && !(result.reason instanceof WorkshopClosedError))
        log.error('media.rendition_failed', { media: picture.id, error: result.reason as unknown });
    if (results.some((result) => result.status === 'fulfilled' && result.value)) await onMade(picture.id);
  };

  return {
    make,
    async settled() {
      while (pending.size > 0) await Promise.all(pending);
    },
    makeMissing(picture) {
      const { width, height } = picture;
      if (width === null || height === null || picture.mimeType === 'image/svg+xml') return;
      const source = { ...picture, width, height };
      const missing = missingRenditions(planRenditions(source), rows.renditions(picture.id));
      if (missing.length === 0) return;
      const finished = finish(
        picture,
        missing.map((wanted) => workshop.later(() => complete(picture, source, wanted))),
      );
      pending.add(finished);
      void finished.finally(() => pending.delete(finished));
    },
  };
};
