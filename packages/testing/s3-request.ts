import type { IncomingMessage } from 'node:http';
import { S3Error } from './s3-errors.ts';

/** What a request asks for, by its name in the API of S3. */
export type S3Kind =
  | 'AbortMultipartUpload'
  | 'CompleteMultipartUpload'
  | 'CopyObject'
  | 'CreateBucket'
  | 'CreateMultipartUpload'
  | 'DeleteBucket'
  | 'DeleteObject'
  | 'DeleteObjects'
  | 'GetBucketLocation'
  | 'GetBucketVersioning'
  | 'GetObject'
  | 'HeadBucket'
  | 'HeadObject'
  | 'ListBuckets'
  | 'ListMultipartUploads'
  | 'ListObjects'
  | 'ListObjectsV2'
  | 'ListParts'
  | 'PutObject'
  | 'UploadPart'
  | 'UploadPartCopy'
  | 'Unknown';

export type S3Request = {
  /** Counts from 1, over all requests of the server. */
  readonly number: number;
  readonly kind: S3Kind;
  readonly method: string;
  /** Empty for what concerns no bucket. */
  readonly bucket: string;
  /** Empty for what concerns no object. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** Lower-case names; the values of a repeated header are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  /** As it was sent, without the query. */
  readonly path: string;
};

/** Reads the target in path style, and in virtual-host style below `domain`; also in the absolute form that proxies are sent. */
export const parseRequest = (message: IncomingMessage, number: number, domain: string | undefined): S3Request => {
  const headers = headersOf(message.rawHeaders);
  const [, authority, target = '/'] = /^(?:https?:\/\/([^/?]*))?(.*)$/.exec(message.url ?? '/') ?? [];
  const question = target.indexOf('?');
  const path = (question < 0 ? target : target.slice(0, question)) || '/';
  const query = new URLSearchParams(question < 0 ? '' : target.slice(question + 1));
  const host = (headers.get('host') ?? authority ?? '').replace(/:\d+$/, '').toLowerCase();
  const byHost = domain !== undefined && host.endsWith(`.${domain}`) ? host.slice(0, -domain.length - 1) : undefined;
  const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/s.exec(path) ?? [];
  const method = message.method ?? 'GET';
  const bucket = byHost ?? decode(first);
  const key = byHost === undefined ? decode(rest) : decode(path.slice(1));
  return { number, kind: kindOf({ method, bucket, key, query, headers }), method, bucket, key, query, headers, path };
};

/** Also a header that was sent more than once counts as S3 counts it, which Node's own joining does not for all. */
const headersOf = (raw: readonly string[]): Map<string, string> => {
  const headers = new Map<string, string>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase();
    // Node gives the bytes as Latin-1.
    const value = Buffer.from(raw[at + 1] ?? '', 'latin1')
      .toString('utf8')
      .trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before},${value}`);
  }
  return headers;
};

const decode = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error('InvalidArgument', { ArgumentName: 'key', ArgumentValue: text });
  }
};

type Parsed = Pick<S3Request, 'method' | 'bucket' | 'key' | 'query' | 'headers'>;

const kindOf = (parsed: Parsed): S3Kind => {
  if (parsed.bucket === '') return parsed.method === 'GET' ? 'ListBuckets' : 'Unknown';
  return parsed.key === '' ? kindOnBucket(parsed) : kindOnObject(parsed);
};

/** What a bucket or an object has besides itself, and this server has not. */
const SUBRESOURCES = [
  'accelerate',
  'acl',
  'analytics',
  'attributes',
  'cors',
  'encryption',
  'legal-hold',
  'lifecycle',
  'logging',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'tagging',
  'torrent',
  'versions',
  'website',
];

const kindOnBucket = ({ method, query }: Parsed): S3Kind => {
  if (SUBRESOURCES.some((name) => query.has(name))) return 'Unknown';
  switch (method) {
    case 'GET':
      if (query.has('location')) return 'GetBucketLocation';
      if (query.has('versioning')) return 'GetBucketVersioning';
      if (query.has('uploads')) return 'ListMultipartUploads';
      return query.get('list-type') === '2' ? 'ListObjectsV2' : 'ListObjects';
    case 'HEAD':
      return 'HeadBucket';
    case 'PUT':
      return 'CreateBucket';
    case 'DELETE':
      return 'DeleteBucket';
    case 'POST':
      return query.has('delete') ? 'DeleteObjects' : 'Unknown';
    default:
      return 'Unknown';
  }
};

const kindOnObject = ({ method, query, headers }: Parsed): S3Kind => {
  if (SUBRESOURCES.some((name) => query.has(name))) return 'Unknown';
  const inUpload = query.has('uploadId');
  const copies = headers.has('x-amz-copy-source');
  switch (method) {
    case 'GET':
      return inUpload ? 'ListParts' : 'GetObject';
    case 'HEAD':
      return 'HeadObject';
    case 'PUT':
      if (inUpload) return copies ? 'UploadPartCopy' : 'UploadPart';
      return copies ? 'CopyObject' : 'PutObject';
    case 'DELETE':
      return inUpload ? 'AbortMultipartUpload' : 'DeleteObject';
    case 'POST':
      if (query.has('uploads')) return 'CreateMultipartUpload';
      return inUpload ? 'CompleteMultipartUpload' : 'Unknown';
    default:
      return 'Unknown';
  }
};
