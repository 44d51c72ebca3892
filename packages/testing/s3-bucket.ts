import type { S3Blob } from './s3-blobs.ts';

export type S3Object = {
  readonly key: string;
  /** Without its quotes. */
  readonly etag: string;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
  /** What is answered as it was given: content-type, x-amz-meta-…, a checksum. */
  readonly headers: Readonly<Record<string, string>>;
  readonly blobs: readonly S3Blob[];
};

export type S3Upload = {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly startedAt: number;
  readonly parts: Map<number, S3Part>;
};

export type S3Part = { readonly blob: S3Blob; readonly etag: string; readonly modifiedAt: number };

/** The objects of a bucket in the order of their keys. Its changes are not interrupted, so that conditions can be trusted. */
export class S3Bucket {
  readonly name: string;
  readonly createdAt: number;
  readonly uploads = new Map<string, S3Upload>();
  readonly #objects = new Map<string, S3Object>();
  readonly #keys: string[] = [];
  /** What was replaced or deleted, for listings that are late. */
  readonly #gone: { object: S3Object; goneAt: number }[] = [];

  constructor(name: string, createdAt: number) {
    this.name = name;
    this.createdAt = createdAt;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): S3Object | undefined {
    return this.#objects.get(key);
  }

  /** Gives what was replaced. */
  set(object: S3Object): S3Object | undefined {
    const before = this.#objects.get(object.key);
    if (before === undefined) this.#keys.splice(indexAfter(this.#keys, object.key), 0, object.key);
    else this.#remember(before, object.modifiedAt);
    this.#objects.set(object.key, object);
    return before;
  }

  /** Gives what was deleted. */
  delete(key: string, now: number): S3Object | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    this.#keys.splice(indexAfter(this.#keys, key) - 1, 1);
    this.#remember(object, now);
    return object;
  }

  /** All objects by the UTF-8 order of their keys. */
  list(): S3Object[] {
    return this.#keys.flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** The objects as they were then. */
  listAsOf(time: number): S3Object[] {
    const gone = this.#gone.filter(({ goneAt }) => goneAt > time).map(({ object }) => object);
    return [...this.#objects.values(), ...gone]
      .filter(({ modifiedAt }) => modifiedAt <= time)
      .toSorted((a, b) => compareKeys(a.key, b.key));
  }

  #remember(object: S3Object, goneAt: number): void {
    this.#gone.push({ object, goneAt });
    if (this.#gone.length > REMEMBERED) this.#gone.shift();
  }
}

/** As S3 sorts: by the bytes of UTF-8, which is the order of code points. */
export const compareKeys = (a: string, b: string): number => {
  const asText = a < b ? -1 : a > b ? 1 : 0;
  // Only above U+D7FF do code units sort otherwise.
  return /[\ud800-\uffff]/.test(a + b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : asText;
};

const REMEMBERED = 10_000;

/** Where the first key behind this one is. */
const indexAfter = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle] ?? '', key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
};
