/**
 * Reads HTTP/1.1 responses from the bytes of one connection: status, Content-Length and chunked bodies, nothing else.
 * A load generator that shares two cores with what it measures cannot afford a general client.
 */
export type Response = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** False when the server said that it closes the connection after this response. */
  readonly keepAlive: boolean;
};

type Head = Omit<Response, 'body'> & { readonly length: number | 'chunked' | 'none' };

const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 64 * 1024;

export class ResponseReader {
  #pending: Buffer = Buffer.alloc(0);
  #head: Head | null = null;

  /** True once the first byte of a response has come and the response is not complete. */
  get started(): boolean {
    return this.#head !== null || this.#pending.length > 0;
  }

  /** The bytes after the last complete response; they belong to the protocol that a 101 switched to. */
  get rest(): Buffer {
    return this.#pending;
  }

  /** Takes what came; gives the response when it is complete. Throws on what is not HTTP/1.1. */
  push(bytes: Buffer): Response | null {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      if (this.#head === null) {
        const end = this.#pending.indexOf(HEAD_END);
        if (end < 0) {
          if (this.#pending.length > MAX_HEAD_BYTES) throw new Error('a response head above 64 KiB');
          return null;
        }
        const head = parseHead(this.#pending.toString('latin1', 0, end));
        this.#pending = this.#pending.subarray(end + HEAD_END.length);
        if (head.status >= 100 && head.status < 200 && head.status !== 101) continue;
        this.#head = head;
      }
      const body = takeBody(this.#pending, this.#head.length);
      if (body === null) return null;
      this.#pending = this.#pending.subarray(body.used);
      const { status, headers, keepAlive } = this.#head;
      this.#head = null;
      return { status, headers, keepAlive, body: body.bytes };
    }
  }
}

function parseHead(text: string): Head {
  const lines = text.split('\r\n');
  const status = /^HTTP\/1\.[01] (\d{3})/.exec(lines[0] ?? '')?.[1];
  if (status === undefined) throw new Error(`not an HTTP/1.1 status line: ${JSON.stringify((lines[0] ?? '').slice(0, 60))}`);
  const headers = new Map<string, string>();
  for (const line of lines.slice(1)) {
    const colon = line.indexOf(':');
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  const code = Number(status);
  const bodyless = code < 200 || code === 204 || code === 304;
  const length = bodyless
    ? 'none'
    : headers.get('transfer-encoding') === 'chunked'
      ? 'chunked'
      : Number(headers.get('content-length') ?? Number.NaN);
  if (typeof length === 'number' && !Number.isSafeInteger(length))
    throw new Error('a response with neither Content-Length nor chunks');
  return { status: code, headers, keepAlive: headers.get('connection')?.toLowerCase() !== 'close', length };
}

function takeBody(bytes: Buffer, length: Head['length']): { bytes: Buffer; used: number } | null {
  if (length === 'none') return { bytes: Buffer.alloc(0), used: 0 };
  if (length !== 'chunked') return bytes.length < length ? null : { bytes: bytes.subarray(0, length), used: length };
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd < 0) return null;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    if (!Number.isSafeInteger(size)) throw new Error('a chunk without a size');
    const end = lineEnd + 2 + size;
    if (bytes.length < end + 2) return null;
    if (size === 0) return { bytes: Buffer.concat(chunks), used: end + 2 };
    chunks.push(bytes.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}
