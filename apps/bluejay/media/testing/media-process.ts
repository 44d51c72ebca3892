/**
 * A library in a process of its own: `node media-process.ts DIRECTORY endless` adds pictures and says the id of each until it
 * is killed; `… burst COUNT` adds so many at once and says how much memory that took.
 */
import { Readable } from 'node:stream';
import sharp from 'sharp';
import { openLibraryIn } from './library.ts';

const [directory = '', mode = '', count = '0'] = process.argv.slice(2);

/** PNG: in a JPEG neighbouring colours become the same. */
const pictureOf = (number: number): Promise<Buffer> => {
  const [r, g, b] = [number % 256, (number >> 8) % 256, (number >> 16) % 256];
  return sharp({ create: { width: 700, height: 500, channels: 3, background: { r, g, b } } })
    .png()
    .toBuffer();
};

const endless = async (): Promise<never> => {
  const { add } = await openLibraryIn(directory);
  for (let number = process.pid * 1_000; ; number += 1) {
    const { id } = await add(`${number}.png`, Readable.from([await pictureOf(number)]));
    process.stdout.write(`${id}\n`);
  }
};

/** What a first picture costs (libvips, its threads, their arenas) is no part of what many cost. */
const A_FEW = 8;

/** Behind the picture something that nobody looks at: it has to be taken from the network all the same. */
const BALLAST_BYTES = 2_000_000;

const burst = async (): Promise<void> => {
  await using library = await openLibraryIn(directory);
  const pictures: Buffer[] = [];
  for (let number = 0; number < A_FEW + Number(count); number += 1) pictures.push(await pictureOf(number));
  const addAll = (some: readonly Buffer[]) =>
    Promise.all(some.map((picture, index) => library.add(`${index}.png`, Readable.from(bodyOf(picture)))));
  await addAll(pictures.splice(0, A_FEW));
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 10);
  const added = await addAll(pictures);
  clearInterval(watch);
  const ids = new Set(added.map(({ id }) => id)).size;
  process.stdout.write(`${JSON.stringify({ ids, grownBytes: peak - before })}\n`);
};

const bodyOf = function* (picture: Buffer): Generator<Buffer> {
  yield picture;
  for (let sent = 0; sent < BALLAST_BYTES; sent += 65_536) yield Buffer.alloc(65_536, sent);
};

await (mode === 'burst' ? burst() : endless());
