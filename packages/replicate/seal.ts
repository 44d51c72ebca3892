import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { createByteSource } from './byte-source.ts';
import { dataKeyInvalid, sealBroken, sealMissing } from './errors.ts';
import { SEAL_MAGIC } from './segment-format.ts';
import type { Target } from './target.ts';

/**
 * Encrypts objects before they leave the machine, and proves on the way back that they are what was stored under that name:
 *
 *     magic (8 bytes) | version (1) | salt (32) | chunks of at most 64 KB, each followed by its tag (16)
 *
 * The key of an object is HKDF-SHA256(data key, salt, name), so that an object renamed or swapped does not open. The salt makes
 * it another key each time: the same name may be written twice (after a crash), and AES-GCM forgives no nonce used twice.
 * The nonce of a chunk is its number and whether it is the last: chunks cannot be reordered, dropped or added.
 */
export interface Sealer {
  /** The sealed bytes, as they are asked for. */
  seal(name: string, content: Uint8Array | AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The content; each part is proven before it is given, the end when it is reached. Throws SEAL_MISSING, SEAL_BROKEN. */
  open(name: string, sealed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** `dataKey`: 32 bytes of a random generator. */
export const createSealer = ({ dataKey }: { dataKey: Uint8Array }): Sealer => {
  if (dataKey.length !== DATA_KEY_BYTES) throw dataKeyInvalid(dataKey.length);
  const key = Buffer.from(dataKey);
  return {
    async *seal(name, content) {
      const head = renderHead(randomBytes(SALT_BYTES));
      const chunkKey = { key: objectKey(key, head, name), associated: associatedData(head, name) };
      const source = createByteSource(content instanceof Uint8Array ? only(content) : content);
      try {
        yield head;
        for (let number = 0, last = false; !last; number += 1) {
          const chunk = await source.takeUpTo(CHUNK_BYTES);
          last = await source.isAtEnd();
          yield sealChunk(chunk, { ...chunkKey, number, last });
        }
      } finally {
        await source.close();
      }
    },
    async *open(name, sealed) {
      const source = createByteSource(sealed);
      try {
        const head = await source.takeUpTo(HEAD_BYTES);
        checkHead(head, name);
        const chunkKey = { key: objectKey(key, head, name), associated: associatedData(head, name) };
        for (let number = 0, last = false; !last; number += 1) {
          const chunk = await source.takeUpTo(CHUNK_BYTES + TAG_BYTES);
          last = await source.isAtEnd();
          yield openChunk(chunk, { ...chunkKey, number, last, name });
        }
      } finally {
        await source.close();
      }
    },
  };
};

/** The same target, sealed: what is put is encrypted, what is got is decrypted. Sizes in listings are those of sealed objects. */
export const sealTarget = (target: Target, sealer: Sealer): Target => ({
  description: target.description,
  put: (name, body, options) => target.put(name, sealer.seal(name, body), options),
  async get(name, { from = 0, length, signal }) {
    // A part is cut out of the whole: a chunk alone does not tell whether it is the last one.
    const content = sealer.open(name, await target.get(name, signal ? { signal } : {}));
    return from === 0 && length === undefined ? content : part(content, { from, length: length ?? Number.POSITIVE_INFINITY });
  },
  list: (prefix, signal) => target.list(prefix, signal),
  delete: (names, signal) => target.delete(names, signal),
});

const DATA_KEY_BYTES = 32;
const VERSION = 1;
const SALT_BYTES = 32;
const HEAD_BYTES = SEAL_MAGIC.length + 1 + SALT_BYTES;
const CHUNK_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';

type ChunkKey = { key: Uint8Array; associated: Uint8Array; number: number; last: boolean };

const renderHead = (salt: Uint8Array): Buffer => Buffer.concat([Buffer.from(SEAL_MAGIC), Buffer.of(VERSION), salt]);

const checkHead = (head: Buffer, name: string): void => {
  if (head.toString('latin1', 0, SEAL_MAGIC.length) !== SEAL_MAGIC) throw sealMissing(name);
  if (head.length < HEAD_BYTES) throw sealBroken(name, 'it is cut off');
  if (head[SEAL_MAGIC.length] !== VERSION) throw sealBroken(name, `version ${head[SEAL_MAGIC.length]} is not known here`);
};

const objectKey = (dataKey: Buffer, head: Buffer, name: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', dataKey, head.subarray(-SALT_BYTES), `berth replicate object ${name}`, 32));

const associatedData = (head: Buffer, name: string): Buffer => Buffer.concat([head, Buffer.from(name)]);

/** 11 bytes of the chunk's number, one that says whether it is the last. */
const nonceOf = ({ number, last }: ChunkKey): Buffer => {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(number, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
};

const sealChunk = (chunk: Uint8Array, how: ChunkKey): Buffer => {
  const cipher = createCipheriv(CIPHER, how.key, nonceOf(how)).setAAD(how.associated);
  return Buffer.concat([cipher.update(chunk), cipher.final(), cipher.getAuthTag()]);
};

const openChunk = (chunk: Buffer, how: ChunkKey & { name: string }): Buffer => {
  if (chunk.length < TAG_BYTES) throw sealBroken(how.name, 'it is cut off');
  const decipher = createDecipheriv(CIPHER, how.key, nonceOf(how), { authTagLength: TAG_BYTES }).setAAD(how.associated);
  decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
  const content = decipher.update(chunk.subarray(0, -TAG_BYTES));
  try {
    return Buffer.concat([content, decipher.final()]);
  } catch (cause) {
    throw sealBroken(how.name, how.number === 0 ? 'another key, or it was changed' : 'it was changed or cut off', cause);
  }
};

// oxlint-disable-next-line typescript/require-await -- a stream of one part
async function* only(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function* part(
  content: AsyncIterable<Uint8Array>,
  { from, length }: { from: number; length: number },
): AsyncGenerator<Uint8Array> {
  let before = from;
  let left = length;
  for await (const chunk of content) {
    const cut = chunk.subarray(Math.min(before, chunk.length)).subarray(0, left);
    before -= Math.min(before, chunk.length);
    left -= cut.length;
    if (cut.length > 0) yield cut;
    if (left === 0) return;
  }
}
