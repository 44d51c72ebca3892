import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { S3Answer, S3Dialect } from './s3-answer.ts';
import { createBody } from './s3-body.ts';
import { renderError, S3Error } from './s3-errors.ts';
import { ConnectionCut, damageBody } from './s3-fault-effects.ts';
import { createFaults, type S3Fault, type S3Faults } from './s3-faults.ts';
import { parseRequest, type S3Request } from './s3-request.ts';
import { answerRequest } from './s3-router.ts';
import { type S3Credentials, verifySignature } from './s3-signature.ts';
import { createMemoryStorage, openDirectoryStorage } from './s3-storage.ts';
import { createTally, type S3Tally } from './s3-tally.ts';

export type S3ServerOptions = {
  /** Made at the start. */
  readonly buckets?: readonly string[];
  /** `S3_TEST_CREDENTIALS` if nothing is said. */
  readonly credentials?: readonly S3Credentials[];
  /** Where objects are kept and found again; in memory without it. */
  readonly directory?: string;
  /** 0 for a free one. */
  readonly port?: number;
  /** Buckets are also names below this one: `bucket.domain`. */
  readonly domain?: string;
  /** Asked before `server.faults`. */
  readonly fault?: (request: S3Request) => S3Fault | undefined;
  readonly dialect?: S3Dialect;
  readonly now?: () => Date;
};

export interface S3Server extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  readonly endpoint: string;
  readonly port: number;
  readonly faults: S3Faults;
  readonly tally: S3Tally;
  /** What keys are in a bucket, in order, whatever the faults. */
  keys(bucket: string): string[];
  /** Uploads that were begun and neither completed nor aborted. */
  uploads(bucket: string): number;
  /** From now on only these sign validly: the keys were rotated. */
  setCredentials(credentials: readonly S3Credentials[]): void;
}

/** Anybody may know these. */
export const S3_TEST_CREDENTIALS: S3Credentials = {
  accessKeyId: 'BERTHTESTACCESSKEY00',
  secretAccessKey: 'berth+test/secret+access/key0000000000000',
};

/** An S3 endpoint for tests: real signatures, real refusals, and faults on demand. Listens on the loopback alone. */
export const createS3Server = async (options: S3ServerOptions = {}): Promise<S3Server> => {
  const { buckets = [], directory, port = 0, domain, fault: ownFault, dialect = {}, now = () => new Date() } = options;
  let { credentials = [S3_TEST_CREDENTIALS] } = options;
  const storage = directory === undefined ? createMemoryStorage() : await openDirectoryStorage(directory);
  for (const bucket of buckets) if (!storage.buckets.has(bucket)) await storage.createBucket(bucket, now().getTime());
  const faults = createFaults();
  const tally = createTally();
  let requests = 0;

  const answer = async (message: IncomingMessage, request: S3Request, fault: S3Fault | undefined): Promise<S3Answer> => {
    const clock = new Date(now().getTime() + (fault?.kind === 'skew' ? fault.ms : 0));
    if (fault?.kind === 'status') return refusal(request, fault);
    const signer = verifySignature(request, { credentials, now: clock });
    if (dialect.refusesChunks === true && signer.contentSha256.startsWith('STREAMING-'))
      throw new S3Error('NotImplemented', { Header: 'x-amz-content-sha256' });
    const body = createBody(message, { request, signer, fault });
    if (fault?.kind === 'error-body') {
      await body.text();
      return errorBody(request, fault.code ?? 'InternalError');
    }
    return answerRequest({ request, body, fault, storage, dialect, now: clock.getTime() });
  };

  const handle = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    response.setHeader('x-amz-request-id', randomUUID());
    let request: S3Request | undefined;
    let fault: S3Fault | undefined;
    let given: S3Answer;
    try {
      request = parseRequest(message, requests, domain);
      fault = ownFault?.(request) ?? faults.decide(request);
      if (fault?.kind === 'hang') return;
      if (fault?.kind === 'skew') response.setHeader('date', new Date(now().getTime() + fault.ms).toUTCString());
      given = await answer(message, request, fault);
      if (fault?.kind === 'lose-response') throw new ConnectionCut();
    } catch (error) {
      if (error instanceof ConnectionCut || message.socket.destroyed) return void message.socket.resetAndDestroy();
      given = errorAnswer(error, request?.path ?? '/');
    } finally {
      const received = Number(
        request?.headers.get('x-amz-decoded-content-length') ?? request?.headers.get('content-length') ?? 0,
      );
      tally.add({ kind: request?.kind ?? 'Unknown', received });
    }
    // What was not read of the body must not be taken for the next request.
    if (!message.complete) message.resume();
    await send(response, given, { fault, method: message.method ?? 'GET', sent: (bytes) => tally.addSent(bytes) });
  };

  const server = createServer((message, response) => {
    handle(message, response).catch(() => message.socket.resetAndDestroy());
  });
  // Uploads may be slow on purpose.
  server.requestTimeout = 0;
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: bound } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${bound}`,
    port: bound,
    faults,
    tally,
    keys: (bucket) =>
      storage
        .bucket(bucket)
        .list()
        .map(({ key }) => key),
    uploads: (bucket) => storage.bucket(bucket).uploads.size,
    setCredentials(replaced) {
      credentials = replaced;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Circumstances = { fault: S3Fault | undefined; method: string; sent: (bytes: number) => void };

const send = async (response: ServerResponse, answer: S3Answer, { fault, method, sent }: Circumstances): Promise<void> => {
  const { status, headers, body = '' } = answer;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, Buffer.from(value).toString('latin1'));
  if (method === 'HEAD' || status === 204 || status === 304) {
    if (fault?.kind === 'reset') response.socket?.resetAndDestroy();
    else response.end();
    return;
  }
  if (typeof body === 'string') response.setHeader('content-length', Buffer.byteLength(body));
  const length = Number(response.getHeader('content-length'));
  const cut = fault?.kind === 'truncate' && fault.bytes < length ? fault : undefined;
  if (cut?.honestLength === true) response.setHeader('content-length', cut.bytes);
  const content = typeof body === 'string' ? oneChunk(Buffer.from(body)) : body;
  // On a body that came, these have had their effect already.
  const hadEffect = (method === 'PUT' || method === 'POST') && (fault?.kind === 'reset' || fault?.kind === 'flip-bit');
  const damaged = hadEffect ? content : damageBody(content, fault, () => response.socket?.resetAndDestroy());
  if (cut !== undefined && cut.honestLength !== true) {
    for await (const chunk of counted(damaged, sent)) response.write(chunk);
    response.socket?.end();
    return;
  }
  await pipeline(counted(damaged, sent), response);
};

async function* counted(body: AsyncIterable<Buffer>, sent: (bytes: number) => void): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    sent(chunk.length);
    yield chunk;
  }
}

async function* oneChunk(chunk: Buffer): AsyncGenerator<Buffer> {
  if (chunk.length > 0) yield chunk;
}

const errorAnswer = (error: unknown, path: string): S3Answer => {
  const known = error instanceof S3Error ? error : new S3Error('InternalError', { Cause: String(error) });
  return {
    status: known.status,
    headers: { 'content-type': 'application/xml' },
    body: renderError(known, { resource: path, requestId: randomUUID() }),
  };
};

const refusal = (request: S3Request, fault: Extract<S3Fault, { kind: 'status' }>): S3Answer => {
  const code = fault.code ?? CODES[fault.status] ?? 'InternalError';
  return {
    status: fault.status,
    headers: {
      'content-type': 'application/xml',
      ...(fault.retryAfterSeconds === undefined ? {} : { 'retry-after': String(fault.retryAfterSeconds) }),
    },
    body: renderError({ code, message: `${code}, on purpose` }, { resource: request.path, requestId: randomUUID() }),
  };
};

const errorBody = (request: S3Request, code: string): S3Answer => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: renderError({ code, message: `${code}, on purpose` }, { resource: request.path, requestId: randomUUID() }),
});

/** What S3 means by a status, where a fault does not say. */
const CODES: Readonly<Record<number, string>> = {
  400: 'InvalidRequest',
  403: 'AccessDenied',
  404: 'NoSuchKey',
  409: 'ConditionalRequestConflict',
  412: 'PreconditionFailed',
  429: 'TooManyRequests',
  500: 'InternalError',
  501: 'NotImplemented',
  503: 'SlowDown',
  507: 'InsufficientStorage',
};
