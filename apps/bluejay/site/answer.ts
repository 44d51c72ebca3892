/** A finished answer: its bytes, and the same bytes compressed for those who take that, each with its own strong ETag. */
import { hash } from 'node:crypto';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';

export type Encoding = 'br' | 'gzip' | 'identity';

export type Answer = {
  readonly status: number;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly isIndexed: boolean;
  readonly body: Buffer;
  readonly hash: string;
  /** Made when first asked for, then kept; a promise as long as it is being made. */
  readonly encoded: Map<Encoding, Buffer | Promise<Buffer>>;
};

/** Less fits into one packet as it is. */
const LEAST_COMPRESSED_BYTES = 1_400;
/** Where brotli is as fast as gzip, and a sixth smaller. */
const BROTLI_QUALITY = 5;

type Facts = Pick<Answer, 'contentType' | 'cacheControl'> & { readonly status?: number; readonly isIndexed?: boolean };

export const createAnswer = (text: string, { status = 200, isIndexed = true, ...facts }: Facts): Answer => {
  const body = Buffer.from(text);
  return { ...facts, status, isIndexed, body, hash: hash('sha256', body, 'base64url').slice(0, 24), encoded: new Map() };
};

/**
 * At once where the bytes are there: most pages are asked for again and again, and a promise would cost as much as the rest.
 * @param onEncoded told the size of what was compressed just now
 */
export function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
  onEncoded: (bytes: number) => void = () => {},
): FastifyReply | Promise<FastifyReply> {
  const encoding =
    answer.body.length < LEAST_COMPRESSED_BYTES ? 'identity' : chooseEncoding(request.headers['accept-encoding'] ?? '');
  const etag = `"${answer.hash}${encoding === 'identity' ? '' : `-${encoding}`}"`;
  reply.headers({ 'Cache-Control': answer.cacheControl, ETag: etag, Vary: 'Accept-Encoding, HX-Request' });
  if (!answer.isIndexed) reply.header('X-Robots-Tag', 'noindex');
  if (answer.status === 200 && names(request.headers['if-none-match'], etag)) return reply.code(304).send();
  if (encoding !== 'identity') reply.header('Content-Encoding', encoding);
  reply.code(answer.status).type(answer.contentType);
  const body = encode(answer, encoding, onEncoded);
  return Buffer.isBuffer(body) ? reply.send(body) : body.then((bytes) => reply.send(bytes));
}

/** The best of what an Accept-Encoding header takes. */
export const chooseEncoding = (header: string): Encoding => {
  // As the browsers of today say it, and as programs do that say nothing.
  if (header === 'gzip, deflate, br, zstd' || header === 'gzip, deflate, br') return 'br';
  if (header === '') return 'identity';
  const qualities = new Map<string, number>();
  for (const part of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((word) => word.trim());
    const quality = parameters.find((word) => word.startsWith('q='))?.slice(2);
    qualities.set(coding, quality === undefined ? 1 : Number(quality) || 0);
  }
  const takes = (coding: string): number => qualities.get(coding) ?? qualities.get('*') ?? 0;
  if (takes('br') > 0 && takes('br') >= takes('gzip')) return 'br';
  return takes('gzip') > 0 ? 'gzip' : 'identity';
};

const encode = (answer: Answer, encoding: Encoding, onEncoded: (bytes: number) => void): Buffer | Promise<Buffer> => {
  if (encoding === 'identity') return answer.body;
  const present = answer.encoded.get(encoding);
  if (present !== undefined) return present;
  const made = compress(answer.body, encoding).then((bytes) => {
    answer.encoded.set(encoding, bytes);
    onEncoded(bytes.length);
    return bytes;
  });
  answer.encoded.set(encoding, made);
  return made;
};

const compress = (body: Buffer, encoding: 'br' | 'gzip'): Promise<Buffer> =>
  encoding === 'gzip'
    ? promisify(gzip)(body)
    : promisify(brotliCompress)(body, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });

/** Whether an If-None-Match header names it (RFC 9110 §13.1.2: by weak comparison). */
const names = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header
    .split(',')
    .map((one) => one.trim().replace(/^W\//, ''))
    .some((one) => one === etag || one === '*');
