import type { IncomingMessage } from 'node:http';
import type { S3Blob, S3Blobs } from './s3-blobs.ts';
import { decodeChunks } from './s3-chunks.ts';
import { announcedChecksum, CHECKSUM_PREFIX, compareDigests, createDigests } from './s3-digests.ts';
import { S3Error } from './s3-errors.ts';
import { damageBody } from './s3-fault-effects.ts';
import type { S3Fault } from './s3-faults.ts';
import type { S3Request } from './s3-request.ts';
import type { S3Signer } from './s3-signature.ts';

/** The body of a request: without its framing, and held against everything that the request says of it. */
export interface S3Body {
  store(blobs: S3Blobs): Promise<StoredBody>;
  /** For the small XML of some requests. */
  text(): Promise<string>;
}

export type StoredBody = {
  readonly blob: S3Blob;
  readonly md5: string;
  /** The header of the checksum that was verified. */
  readonly checksum: Readonly<Record<string, string>>;
};

export type BodyCircumstances = {
  readonly request: S3Request;
  readonly signer: S3Signer;
  readonly fault: S3Fault | undefined;
};

export const createBody = (message: IncomingMessage, { request, signer, fault }: BodyCircumstances): S3Body => {
  const { headers } = request;
  const announced = announcedChecksum(headers);
  const digests = createDigests(announced);
  const trailers = new Map<string, string>();
  let verified: { md5: string; checksum: string | undefined } = { md5: '', checksum: undefined };

  const verify = (): void => {
    const length = headers.get('x-amz-decoded-content-length') ?? headers.get('content-length');
    if (length !== undefined && Number(length) !== digests.bytes) throw new S3Error('IncompleteBody');
    const { md5, sha256, checksum } = digests.finish();
    if (/^[0-9a-f]{64}$/.test(signer.contentSha256) && signer.contentSha256 !== sha256)
      throw new S3Error('XAmzContentSHA256Mismatch', {
        ClientComputedContentSHA256: signer.contentSha256,
        S3ComputedContentSHA256: sha256,
      });
    compareDigests({ md5, checksum }, new Map([...headers, ...trailers]), announced);
    verified = { md5, checksum };
  };

  async function* content(): AsyncGenerator<Buffer> {
    const sends = headers.has('content-length') || headers.has('transfer-encoding');
    if (headers.has('transfer-encoding') && !headers.has('x-amz-decoded-content-length'))
      throw new S3Error('MissingContentLength');
    // The answer still has to pass through the connection when this ends early.
    const raw = message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    const arriving = fault?.kind === 'reset' || fault?.kind === 'trickle' ? damageBody(raw, fault, () => message.destroy()) : raw;
    const framed = signer.contentSha256.startsWith('STREAMING-');
    if (sends)
      for await (const chunk of framed ? decodeChunks(arriving, { signer, trailers }) : arriving) {
        digests.update(chunk);
        yield chunk;
      }
    verify();
  }

  return {
    async store(blobs) {
      const stored = content();
      // Verified as it came; what lies on the disk is another.
      const blob = await blobs.write(fault?.kind === 'flip-bit' ? damageBody(stored, fault, () => undefined) : stored);
      const { md5, checksum } = verified;
      return { blob, md5, checksum: announced && checksum ? { [CHECKSUM_PREFIX + announced]: checksum } : {} };
    },
    async text() {
      const chunks: Buffer[] = [];
      let bytes = 0;
      for await (const chunk of content()) {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > LARGEST_TEXT) throw new S3Error('MalformedXML');
      }
      return Buffer.concat(chunks).toString('utf8');
    },
  };
};

/** 10,000 parts of an upload, or 1,000 keys to delete, are well below this. */
const LARGEST_TEXT = 4 * 1024 * 1024;
