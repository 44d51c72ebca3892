import { emptyAnswer, isoTime, type S3Answer, type S3Exchange, xmlAnswer } from './s3-answer.ts';
import type { S3Object } from './s3-bucket.ts';
import { S3Error } from './s3-errors.ts';
import { type Listing, listPage } from './s3-listing.ts';
import { element, type XmlElement } from './s3-xml.ts';

export const listBuckets = async ({ storage }: S3Exchange): Promise<S3Answer> =>
  xmlAnswer('ListAllMyBucketsResult', [
    element('Owner', [element('ID', 'owner'), element('DisplayName', 'owner')]),
    element(
      'Buckets',
      [...storage.buckets.values()].map(({ name, createdAt }) =>
        element('Bucket', [element('Name', name), element('CreationDate', isoTime(createdAt))]),
      ),
    ),
  ]);

export const createBucket = async ({ request, storage, body, now }: S3Exchange): Promise<S3Answer> => {
  await body.text();
  await storage.createBucket(request.bucket, now);
  return emptyAnswer(200, { location: `/${request.bucket}` });
};

export const headBucket = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  storage.bucket(request.bucket);
  return emptyAnswer(200, { 'x-amz-bucket-region': 'us-east-1' });
};

export const deleteBucket = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  await storage.deleteBucket(request.bucket);
  return emptyAnswer(204);
};

export const getBucketLocation = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  storage.bucket(request.bucket);
  // Empty stands for us-east-1.
  return xmlAnswer('LocationConstraint', []);
};

export const getBucketVersioning = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  storage.bucket(request.bucket);
  return xmlAnswer('VersioningConfiguration', []);
};

/** Both versions; they differ in how the next page is asked for. */
export const listObjects = async (exchange: S3Exchange): Promise<S3Answer> => {
  const { request, dialect } = exchange;
  const { query } = request;
  const isV2 = request.kind === 'ListObjectsV2';
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const asked = Number(query.get('max-keys') ?? 1000);
  if (!Number.isInteger(asked) || asked < 0) throw new S3Error('InvalidArgument', { ArgumentName: 'max-keys' });
  const maxKeys = Math.min(asked, dialect.pageKeys ?? 1000);
  const token = query.get('continuation-token');
  const after = isV2 ? (token === null ? (query.get('start-after') ?? '') : decodeToken(token)) : (query.get('marker') ?? '');

  const page = damageListing(listPage(objectsOf(exchange), { prefix, delimiter, after, maxKeys }), exchange);
  const encode = query.get('encoding-type') === 'url' ? encodeURIComponent : (text: string): string => text;
  const isTruncated = page.next !== undefined;
  return xmlAnswer('ListBucketResult', [
    element('Name', request.bucket),
    element('Prefix', encode(prefix)),
    ...(delimiter === '' ? [] : [element('Delimiter', encode(delimiter))]),
    element('MaxKeys', asked),
    ...(query.has('encoding-type') ? [element('EncodingType', 'url')] : []),
    ...(isV2 ? [element('KeyCount', page.objects.length + page.commonPrefixes.length)] : [element('Marker', encode(after))]),
    ...(isV2 && token !== null ? [element('ContinuationToken', token)] : []),
    element('IsTruncated', isTruncated),
    ...(page.next === undefined ? [] : nextPage(page.next, { isV2, delimiter, encode })),
    ...page.objects.map((object) => renderObject(object, encode)),
    ...page.commonPrefixes.map((name) => element('CommonPrefixes', [element('Prefix', encode(name))])),
  ]);
};

const objectsOf = ({ request, storage, fault, now }: S3Exchange): S3Object[] => {
  const bucket = storage.bucket(request.bucket);
  return fault?.kind === 'stale-listing' ? bucket.listAsOf(now - fault.ageMs) : bucket.list();
};

const damageListing = (page: Listing, { fault }: S3Exchange): Listing => {
  if (fault?.kind === 'reorder-listing') return { ...page, objects: page.objects.toReversed() };
  if (fault?.kind === 'cut-listing') return { ...page, objects: page.objects.slice(0, fault.keys), next: undefined };
  return page;
};

type NextPage = { isV2: boolean; delimiter: string; encode: (text: string) => string };

const nextPage = (next: string, { isV2, delimiter, encode }: NextPage): XmlElement[] => {
  if (isV2) return [element('NextContinuationToken', Buffer.from(next).toString('base64url'))];
  // Without a delimiter, clients go on behind the last key.
  return delimiter === '' ? [] : [element('NextMarker', encode(next))];
};

const decodeToken = (token: string): string => {
  const after = Buffer.from(token, 'base64url').toString('utf8');
  if (after === '') throw new S3Error('InvalidArgument', { ArgumentName: 'continuation-token' });
  return after;
};

const renderObject = ({ key, modifiedAt, etag, bytes }: S3Object, encode: (text: string) => string): XmlElement =>
  element('Contents', [
    element('Key', encode(key)),
    element('LastModified', isoTime(modifiedAt)),
    element('ETag', `"${etag}"`),
    element('Size', bytes),
    element('StorageClass', 'STANDARD'),
  ]);
