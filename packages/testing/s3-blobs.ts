import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import path from 'node:path';

/** Where the bytes of objects and parts are; each is written once and never changed. */
export interface S3Blobs {
  /** Leaves nothing behind when the body fails. */
  write(body: AsyncIterable<Buffer>): Promise<S3Blob>;
  /** From `from` to before `to`, in bytes. */
  read(blob: S3Blob, from: number, to: number): AsyncIterable<Buffer>;
  remove(blobs: readonly S3Blob[]): Promise<void>;
}

export type S3Blob = { readonly id: string; readonly bytes: number };

export const createMemoryBlobs = (): S3Blobs => {
  const contents = new Map<string, Buffer[]>();
  return {
    async write(body) {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of body) {
        // A copy: the chunk may be a small window into a large buffer of the socket.
        chunks.push(Buffer.from(chunk));
        bytes += chunk.length;
      }
      const id = randomUUID();
      contents.set(id, chunks);
      return { id, bytes };
    },
    read: ({ id }, from, to) => window(contents.get(id) ?? [], from, to),
    async remove(blobs) {
      for (const { id } of blobs) contents.delete(id);
    },
  };
};

/** One file each; memory does not grow with them. */
export const createDirectoryBlobs = async (directory: string): Promise<S3Blobs> => {
  await mkdir(directory, { recursive: true });
  const fileOf = (id: string): string => path.join(directory, id);
  return {
    async write(body) {
      const id = randomUUID();
      let bytes = 0;
      await using file = await open(fileOf(id), 'wx');
      try {
        for await (const chunk of body) {
          await file.writeFile(chunk);
          bytes += chunk.length;
        }
      } catch (error) {
        await rm(fileOf(id), { force: true });
        throw error;
      }
      return { id, bytes };
    },
    read: ({ id }, from, to) =>
      from >= to ? none() : createReadStream(fileOf(id), { start: from, end: to - 1, highWaterMark: 256 * 1024 }),
    async remove(blobs) {
      for (const { id } of blobs) await rm(fileOf(id), { force: true });
    },
  };
};

async function* none(): AsyncGenerator<Buffer> {}

async function* window(chunks: readonly Buffer[], from: number, to: number): AsyncGenerator<Buffer> {
  let at = 0;
  for (const chunk of chunks) {
    const part = chunk.subarray(Math.max(0, from - at), Math.max(0, to - at));
    at += chunk.length;
    if (part.length > 0) yield part;
  }
}
