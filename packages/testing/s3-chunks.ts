import { createHash } from 'node:crypto';
import { S3Error } from './s3-errors.ts';
import { isSameSignature, type S3Signer, sign } from './s3-signature.ts';

/**
 * Takes the framing of `aws-chunked` off a body: chunks of a size line and data, signed one behind the other or not, and trailers.
 * A server that does not do this stores the frames as data.
 */
export async function* decodeChunks(
  body: AsyncIterable<Buffer>,
  { signer, trailers }: { signer: S3Signer; trailers: Map<string, string> },
): AsyncGenerator<Buffer> {
  const signed = signer.contentSha256.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  const reader = createReader(body);
  let previous = signer.signature;
  for (;;) {
    const [, hex = '', given = ''] = /^([0-9a-f]+)(?:;chunk-signature=([0-9a-f]{64}))?$/i.exec(await reader.line()) ?? [];
    if (hex === '' || (signed && given === '')) throw new S3Error('IncompleteBody');
    const size = Number.parseInt(hex, 16);
    const hash = createHash('sha256');
    for await (const piece of reader.bytes(size)) {
      hash.update(piece);
      yield piece;
    }
    if (signed) {
      const text = ['AWS4-HMAC-SHA256-PAYLOAD', signer.timestamp, signer.scope, previous, EMPTY_SHA256, hash.digest('hex')];
      previous = sign(signer.key, text.join('\n'));
      if (!isSameSignature(given, previous)) throw new S3Error('SignatureDoesNotMatch', { Where: 'in a chunk of the body' });
    }
    if (size === 0) break;
    if ((await reader.line()) !== '') throw new S3Error('IncompleteBody');
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    trailers.set(line.slice(0, colon).toLowerCase().trim(), line.slice(colon + 1).trim());
    // Some clients end the body with the last trailer's line.
    if (await reader.atEnd()) break;
  }
  if (signed && signer.contentSha256.endsWith('-TRAILER')) checkTrailers(signer, previous, trailers);
}

const EMPTY_SHA256 = createHash('sha256').digest('hex');
const LONGEST_LINE = 8192;

const checkTrailers = (signer: S3Signer, previous: string, trailers: Map<string, string>): void => {
  const given = trailers.get('x-amz-trailer-signature') ?? '';
  const lines = [...trailers].filter(([name]) => name !== 'x-amz-trailer-signature').map(([name, value]) => `${name}:${value}\n`);
  const hash = createHash('sha256').update(lines.sort().join('')).digest('hex');
  const text = ['AWS4-HMAC-SHA256-TRAILER', signer.timestamp, signer.scope, previous, hash].join('\n');
  if (!isSameSignature(given, sign(signer.key, text))) throw new S3Error('SignatureDoesNotMatch', { Where: 'in the trailers' });
};

const createReader = (body: AsyncIterable<Buffer>) => {
  const iterator = body[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const next = await iterator.next();
    if (next.done === true) return false;
    rest = rest.length === 0 ? next.value : Buffer.concat([rest, next.value]);
    return true;
  };
  return {
    /** Without its end. An empty one at the end of the body. */
    async line(): Promise<string> {
      for (;;) {
        const end = rest.indexOf('\r\n');
        if (end >= 0) {
          const line = rest.toString('utf8', 0, end);
          rest = rest.subarray(end + 2);
          return line;
        }
        if (rest.length > LONGEST_LINE) throw new S3Error('IncompleteBody');
        if (!(await more())) {
          if (rest.length > 0) throw new S3Error('IncompleteBody');
          return '';
        }
      }
    },
    async *bytes(count: number): AsyncGenerator<Buffer> {
      for (let left = count; left > 0; ) {
        if (rest.length === 0 && !(await more())) throw new S3Error('IncompleteBody');
        const piece = rest.subarray(0, left);
        rest = rest.subarray(piece.length);
        left -= piece.length;
        if (piece.length > 0) yield piece;
      }
    },
    async atEnd(): Promise<boolean> {
      return rest.length === 0 && !(await more());
    },
  };
};
