import type { S3Body } from './s3-body.ts';
import type { S3Fault } from './s3-faults.ts';
import type { S3Request } from './s3-request.ts';
import type { S3Storage } from './s3-storage.ts';
import { element, renderXml, S3_NAMESPACE, type XmlElement } from './s3-xml.ts';

/** One request on its way to an answer. */
export type S3Exchange = {
  readonly request: S3Request;
  readonly body: S3Body;
  readonly fault: S3Fault | undefined;
  readonly storage: S3Storage;
  readonly dialect: S3Dialect;
  /** Milliseconds since 1970, by the clock of the server. */
  readonly now: number;
};

/** How some endpoints differ from S3. */
export type S3Dialect = {
  /** What becomes of If-None-Match and If-Match on writes; `honoured` if nothing is said. */
  readonly conditionalWrites?: 'honoured' | 'ignored' | 'not-implemented';
  /** Refuses bodies in aws-chunked framing. */
  readonly refusesChunks?: boolean;
  /** The most keys on a page of a listing; 1,000 if nothing is said. */
  readonly pageKeys?: number;
  /** Bytes that every part of an upload but the last must have; 5 MiB if nothing is said. */
  readonly smallestPart?: number;
};

export type S3Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Buffer>;
};

/** The name of the root is followed by the namespace. */
export const xmlAnswer = (
  name: string,
  content: readonly XmlElement[],
  headers: Readonly<Record<string, string>> = {},
): S3Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml', ...headers },
  body: renderXml(element(name, content, S3_NAMESPACE)),
});

export const emptyAnswer = (status: number, headers: Readonly<Record<string, string>> = {}): S3Answer => ({ status, headers });

/** `2030-01-01T00:00:00.000Z` */
export const isoTime = (time: number): string => new Date(time).toISOString();
