import { compareKeys, type S3Object } from './s3-bucket.ts';

export type ListingQuery = {
  readonly prefix: string;
  readonly delimiter: string;
  /** Only what comes behind this key or common prefix. */
  readonly after: string;
  readonly maxKeys: number;
};

export type Listing = {
  readonly objects: readonly S3Object[];
  /** What up to the delimiter is the same is named once. */
  readonly commonPrefixes: readonly string[];
  /** The last name listed, when more follow. */
  readonly next: string | undefined;
};

/** One page of a listing. `all` is sorted. */
export const listPage = (all: readonly S3Object[], { prefix, delimiter, after, maxKeys }: ListingQuery): Listing => {
  const objects: S3Object[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  for (const object of all) {
    if (!object.key.startsWith(prefix)) continue;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    const name = end < 0 ? object.key : object.key.slice(0, end + delimiter.length);
    // Also all behind a common prefix that an earlier page named.
    if (after !== '' && compareKeys(name, after) <= 0) continue;
    if (end >= 0 && commonPrefixes.at(-1) === name) continue;
    if (objects.length + commonPrefixes.length >= maxKeys)
      return { objects, commonPrefixes, next: last === '' ? undefined : last };
    if (end < 0) objects.push(object);
    else commonPrefixes.push(name);
    last = name;
  }
  return { objects, commonPrefixes, next: undefined };
};
