import { createHash, randomUUID } from 'node:crypto';
import { emptyAnswer, isoTime, type S3Answer, type S3Exchange, xmlAnswer } from './s3-answer.ts';
import type { S3Bucket, S3Part, S3Upload } from './s3-bucket.ts';
import { checkWriteConditions } from './s3-conditions.ts';
import { S3Error } from './s3-errors.ts';
import { commit, findSource, keptHeaders, readBlobs } from './s3-objects.ts';
import { element, findElements, findText } from './s3-xml.ts';

export const createUpload = async ({ request, storage, now }: S3Exchange): Promise<S3Answer> => {
  const bucket = storage.bucket(request.bucket);
  const id = randomUUID();
  bucket.uploads.set(id, { id, key: request.key, headers: keptHeaders(request.headers), startedAt: now, parts: new Map() });
  return xmlAnswer('InitiateMultipartUploadResult', [
    element('Bucket', bucket.name),
    element('Key', request.key),
    element('UploadId', id),
  ]);
};

export const uploadPart = async (exchange: S3Exchange): Promise<S3Answer> => {
  const { body, storage, request } = exchange;
  findUpload(storage.bucket(request.bucket), exchange);
  const { blob, md5, checksum } = await body.store(storage.blobs);
  await keepPart(exchange, { blob, etag: md5, modifiedAt: exchange.now });
  return emptyAnswer(200, { etag: `"${md5}"`, ...checksum });
};

export const copyPart = async (exchange: S3Exchange): Promise<S3Answer> => {
  const { request, storage, now } = exchange;
  findUpload(storage.bucket(request.bucket), exchange);
  const source = findSource(exchange);
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.get('x-amz-copy-source-range') ?? '') ?? [];
  const to = last === '' ? source.bytes : Number(last) + 1;
  if (to > source.bytes) throw new S3Error('InvalidRange');
  const md5 = createHash('md5');
  const read = async function* (): AsyncGenerator<Buffer> {
    for await (const chunk of readBlobs(storage.blobs, source.blobs, Number(first), to)) {
      md5.update(chunk);
      yield chunk;
    }
  };
  const blob = await storage.blobs.write(read());
  const etag = md5.digest('hex');
  await keepPart(exchange, { blob, etag, modifiedAt: now });
  return xmlAnswer('CopyPartResult', [element('LastModified', isoTime(now)), element('ETag', `"${etag}"`)]);
};

export const completeUpload = async (exchange: S3Exchange): Promise<S3Answer> => {
  const { request, body, storage, dialect, fault, now } = exchange;
  const bucket = storage.bucket(request.bucket);
  const upload = findUpload(bucket, exchange);
  const parts = choose(upload, await body.text(), dialect.smallestPart ?? SMALLEST_PART);
  const digest = createHash('md5').update(Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex'))));
  const etag = `${digest.digest('hex')}-${parts.length}`;
  const answer = xmlAnswer('CompleteMultipartUploadResult', [
    element('Location', `http://${request.headers.get('host') ?? ''}${request.path}`),
    element('Bucket', bucket.name),
    element('Key', upload.key),
    element('ETag', `"${etag}"`),
  ]);
  // The upload stays when its condition fails: the client decides what becomes of it.
  checkWriteConditions(bucket, request, dialect);
  // From here on nobody else can complete it, as nothing is waited for in between.
  bucket.uploads.delete(upload.id);
  const used = new Set(parts);
  const unused = [...upload.parts.values()].filter((part) => !used.has(part));
  const blobs = parts.map(({ blob }) => blob);
  if (fault?.kind === 'lose-write') await storage.blobs.remove(blobs);
  else {
    const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
    await commit(exchange, bucket, { key: upload.key, etag, bytes, modifiedAt: now, headers: upload.headers, blobs });
  }
  await storage.blobs.remove(unused.map(({ blob }) => blob));
  return answer;
};

export const abortUpload = async (exchange: S3Exchange): Promise<S3Answer> => {
  const bucket = exchange.storage.bucket(exchange.request.bucket);
  const upload = findUpload(bucket, exchange);
  bucket.uploads.delete(upload.id);
  await exchange.storage.blobs.remove([...upload.parts.values()].map(({ blob }) => blob));
  return emptyAnswer(204);
};

export const listParts = async (exchange: S3Exchange): Promise<S3Answer> => {
  const { request, storage } = exchange;
  const upload = findUpload(storage.bucket(request.bucket), exchange);
  const marker = Number(request.query.get('part-number-marker') ?? 0);
  const most = Math.min(1000, Number(request.query.get('max-parts') ?? 1000));
  const behind = [...upload.parts].filter(([number]) => number > marker).toSorted(([a], [b]) => a - b);
  const page = behind.slice(0, most);
  return xmlAnswer('ListPartsResult', [
    element('Bucket', request.bucket),
    element('Key', upload.key),
    element('UploadId', upload.id),
    element('PartNumberMarker', marker),
    element('NextPartNumberMarker', page.at(-1)?.[0] ?? 0),
    element('MaxParts', most),
    element('IsTruncated', behind.length > page.length),
    ...page.map(([number, { blob, etag, modifiedAt }]) =>
      element('Part', [
        element('PartNumber', number),
        element('LastModified', isoTime(modifiedAt)),
        element('ETag', `"${etag}"`),
        element('Size', blob.bytes),
      ]),
    ),
  ]);
};

export const listUploads = async ({ request, storage }: S3Exchange): Promise<S3Answer> => {
  const bucket = storage.bucket(request.bucket);
  const prefix = request.query.get('prefix') ?? '';
  const uploads = [...bucket.uploads.values()].filter(({ key }) => key.startsWith(prefix));
  return xmlAnswer('ListMultipartUploadsResult', [
    element('Bucket', bucket.name),
    element('Prefix', prefix),
    element('MaxUploads', 1000),
    element('IsTruncated', false),
    ...uploads.map(({ id, key, startedAt }) =>
      element('Upload', [element('Key', key), element('UploadId', id), element('Initiated', isoTime(startedAt))]),
    ),
  ]);
};

const SMALLEST_PART = 5 * 1024 * 1024;
const MOST_PARTS = 10_000;

const findUpload = (bucket: S3Bucket, { request }: Pick<S3Exchange, 'request'>): S3Upload => {
  const id = request.query.get('uploadId') ?? '';
  const upload = bucket.uploads.get(id);
  if (upload === undefined || upload.key !== request.key) throw new S3Error('NoSuchUpload', { UploadId: id });
  return upload;
};

/** The part takes its place, unless its upload has ended meanwhile. */
const keepPart = async (exchange: S3Exchange, part: S3Part): Promise<void> => {
  const { request, storage, fault } = exchange;
  const number = Number(request.query.get('partNumber'));
  const refuse = async (error: unknown): Promise<never> => {
    await storage.blobs.remove([part.blob]);
    throw error;
  };
  if (!Number.isInteger(number) || number < 1 || number > MOST_PARTS)
    return refuse(new S3Error('InvalidArgument', { ArgumentName: 'partNumber' }));
  const upload = storage.bucket(request.bucket).uploads.get(request.query.get('uploadId') ?? '');
  if (upload === undefined) return refuse(new S3Error('NoSuchUpload'));
  if (fault?.kind === 'lose-write') return storage.blobs.remove([part.blob]);
  const before = upload.parts.get(number);
  upload.parts.set(number, part);
  if (before !== undefined) await storage.blobs.remove([before.blob]);
};

/** The parts that the client lists, in its order. */
const choose = (upload: S3Upload, xml: string, smallest: number): S3Part[] => {
  const listed = findElements(xml, 'Part').map((part) => ({
    number: Number(findText(part, 'PartNumber')),
    etag: (findText(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  if (listed.length === 0) throw new S3Error('MalformedXML');
  return listed.map(({ number, etag }, index) => {
    const part = upload.parts.get(number);
    if (index > 0 && number <= (listed[index - 1]?.number ?? 0)) throw new S3Error('InvalidPartOrder');
    if (part === undefined || part.etag !== etag) throw new S3Error('InvalidPart', { PartNumber: String(number) });
    if (index < listed.length - 1 && part.blob.bytes < smallest)
      throw new S3Error('EntityTooSmall', { PartNumber: String(number), MinSizeAllowed: String(smallest) });
    return part;
  });
};
