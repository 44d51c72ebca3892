import type { S3Blob, S3Blobs } from './s3-blobs.ts';
import type { S3Bucket, S3Object } from './s3-bucket.ts';
import { emptyAnswer, isoTime, type S3Answer, type S3Exchange, xmlAnswer } from './s3-answer.ts';
import { checkReadConditions, checkWriteConditions } from './s3-conditions.ts';
import { CHECKSUM_PREFIX } from './s3-digests.ts';
import { S3Error } from './s3-errors.ts';
import { element, findElements, findText } from './s3-xml.ts';

export const putObject = async ({ request, body, fault, storage, dialect, now }: S3Exchange): Promise<S3Answer> => {
  const bucket = storage.bucket(request.bucket);
  // Before the body too: a large one need not travel for nothing.
  checkWriteConditions(bucket, request, dialect);
  const { blob, md5, checksum } = await body.store(storage.blobs);
  const answer = emptyAnswer(200, { etag: `"${md5}"`, ...checksum });
  if (fault?.kind === 'lose-write') {
    await storage.blobs.remove([blob]);
    return answer;
  }
  const headers = { ...keptHeaders(request.headers), ...checksum };
  const object = { key: request.key, etag: md5, bytes: blob.bytes, modifiedAt: now, headers, blobs: [blob] };
  await commit({ request, storage, dialect }, bucket, object);
  return answer;
};

/** Puts the object in its place if the conditions still hold, else lets its bytes go. */
export const commit = async (
  { request, storage, dialect }: Pick<S3Exchange, 'request' | 'storage' | 'dialect'>,
  bucket: S3Bucket,
  object: S3Object,
): Promise<void> => {
  try {
    checkWriteConditions(bucket, request, dialect);
  } catch (error) {
    await storage.blobs.remove(object.blobs);
    throw error;
  }
  await storage.keep(bucket, object.key, bucket.set(object));
};

export const getObject = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  const object = findObject(storage.bucket(request.bucket), request.key);
  checkReadConditions(object, request.headers);
  const range = parseRange(request.headers.get('range'), object.bytes);
  const [from, to] = range ?? [0, object.bytes];
  const headers: Record<string, string> = {
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modifiedAt).toUTCString(),
    'accept-ranges': 'bytes',
    'content-length': String(to - from),
  };
  // A checksum is of the whole, and only given to those who ask.
  if (range !== undefined || request.headers.get('x-amz-checksum-mode') !== 'ENABLED')
    for (const name of Object.keys(headers)) if (name.startsWith(CHECKSUM_PREFIX)) delete headers[name];
  if (range !== undefined) headers['content-range'] = `bytes ${from}-${to - 1}/${object.bytes}`;
  for (const [name, value] of request.query)
    if (name.startsWith('response-')) headers[name.slice('response-'.length).toLowerCase()] = value;
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD') return { status, headers };
  return { status, headers, body: readBlobs(storage.blobs, object.blobs, from, to) };
};

export const deleteObject = async ({ request, storage, fault, now }: S3Exchange): Promise<S3Answer> => {
  const bucket = storage.bucket(request.bucket);
  if (fault?.kind !== 'lose-write') await storage.keep(bucket, request.key, bucket.delete(request.key, now));
  return emptyAnswer(204);
};

export const deleteObjects = async ({ request, body, storage, fault, now }: S3Exchange): Promise<S3Answer> => {
  const bucket = storage.bucket(request.bucket);
  const xml = await body.text();
  const keys = findElements(xml, 'Object').map((object) => findText(object, 'Key'));
  if (keys.length === 0 || keys.length > 1000) throw new S3Error('MalformedXML');
  const quiet = findText(xml, 'Quiet') === 'true';
  const deleted: string[] = [];
  for (const key of keys) {
    if (key === undefined) throw new S3Error('MalformedXML');
    if (fault?.kind !== 'lose-write') await storage.keep(bucket, key, bucket.delete(key, now));
    deleted.push(key);
  }
  return xmlAnswer('DeleteResult', quiet ? [] : deleted.map((key) => element('Deleted', [element('Key', key)])));
};

export const copyObject = async ({ request, storage, dialect, now }: S3Exchange): Promise<S3Answer> => {
  const source = findSource({ request, storage });
  const bucket = storage.bucket(request.bucket);
  const replaces = request.headers.get('x-amz-metadata-directive') === 'REPLACE';
  const same = source.key === request.key && storage.bucket(request.bucket).get(request.key) === source;
  if (same && !replaces) throw new S3Error('InvalidRequest', { Reason: 'copied to itself without a change' });
  const blob = await storage.blobs.write(readBlobs(storage.blobs, source.blobs, 0, source.bytes));
  const headers = replaces ? keptHeaders(request.headers) : source.headers;
  const etag = source.etag;
  await commit({ request, storage, dialect }, bucket, {
    key: request.key,
    etag,
    bytes: source.bytes,
    modifiedAt: now,
    headers,
    blobs: [blob],
  });
  return xmlAnswer('CopyObjectResult', [element('LastModified', isoTime(now)), element('ETag', `"${etag}"`)]);
};

/** What x-amz-copy-source names. */
export const findSource = ({ request, storage }: Pick<S3Exchange, 'request' | 'storage'>): S3Object => {
  const [, bucket = '', key = ''] = /^\/?([^/]+)\/(.+)$/.exec(request.headers.get('x-amz-copy-source') ?? '') ?? [];
  const object = findObject(storage.bucket(bucket), decodeURIComponent(key));
  checkReadConditions(object, request.headers, 'x-amz-copy-source-');
  return object;
};

/** The bytes from `from` to before `to`, across blobs. */
export async function* readBlobs(blobs: S3Blobs, parts: readonly S3Blob[], from: number, to: number): AsyncGenerator<Buffer> {
  let start = 0;
  for (const part of parts) {
    const first = Math.max(0, from - start);
    const end = Math.min(part.bytes, to - start);
    if (first < end) yield* blobs.read(part, first, end);
    start += part.bytes;
  }
}

/** Of the headers of a request, those that belong to the object from then on. */
export const keptHeaders = (headers: ReadonlyMap<string, string>): Record<string, string> => ({
  'content-type': 'binary/octet-stream',
  ...Object.fromEntries(
    [...headers]
      .filter(([name]) => KEPT.includes(name) || name.startsWith('x-amz-meta-'))
      // aws-chunked is how it came, not what it is.
      .map(([name, value]) => [name, name === 'content-encoding' ? value.replace(/^aws-chunked(?:,\s*)?/, '') : value])
      .filter(([, value]) => value !== ''),
  ),
});

const KEPT = ['content-type', 'content-encoding', 'content-disposition', 'content-language', 'cache-control', 'expires'];

const findObject = (bucket: S3Bucket, key: string): S3Object => {
  const object = bucket.get(key);
  if (object === undefined) throw new S3Error('NoSuchKey', { Key: key });
  return object;
};

/** From, and to before; undefined for the whole. What is no range is ignored, as HTTP wants it. */
const parseRange = (header: string | undefined, bytes: number): [from: number, to: number] | undefined => {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const from = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const to = first === '' || last === '' ? bytes : Math.min(bytes, Number(last) + 1);
  if (from >= bytes) throw new S3Error('InvalidRange', { ActualObjectSize: String(bytes) });
  return from < to ? [from, to] : undefined;
};
