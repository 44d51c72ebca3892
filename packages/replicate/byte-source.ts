/** Reads a stream of chunks by exact lengths, in constant memory. */
export interface ByteSource {
  /** Bytes taken so far. */
  readonly taken: number;
  /** Exactly this many bytes; undefined if the stream ends before. */
  take(bytes: number): Promise<Buffer | undefined>;
  /** Up to this many bytes: fewer only at the end of the stream. */
  takeUpTo(bytes: number): Promise<Buffer>;
  /** Whether nothing follows. */
  isAtEnd(): Promise<boolean>;
  /** Lets the stream go before its end. */
  close(): Promise<void>;
}

export const createByteSource = (stream: AsyncIterable<Uint8Array>): ByteSource => {
  const iterator = stream[Symbol.asyncIterator]();
  let chunks: Buffer[] = [];
  let held = 0;
  let taken = 0;
  let done = false;

  const fill = async (bytes: number): Promise<void> => {
    while (held < bytes && !done) {
      const next = await iterator.next();
      if (next.done === true) done = true;
      else if (next.value.length > 0) {
        chunks.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.length));
        held += next.value.length;
      }
    }
  };
  const cut = (bytes: number): Buffer => {
    const [first] = chunks;
    // Most often one chunk holds it all: no copy.
    const whole = first !== undefined && first.length >= bytes ? first : Buffer.concat(chunks, held);
    chunks = whole === first ? chunks : [whole];
    const part = whole.subarray(0, bytes);
    if (whole.length === bytes) chunks.shift();
    else chunks[0] = whole.subarray(bytes);
    held -= bytes;
    taken += bytes;
    return part;
  };

  return {
    get taken() {
      return taken;
    },
    async take(bytes) {
      await fill(bytes);
      return held < bytes ? undefined : cut(bytes);
    },
    async takeUpTo(bytes) {
      await fill(bytes);
      return cut(Math.min(bytes, held));
    },
    async isAtEnd() {
      await fill(1);
      return held === 0;
    },
    async close() {
      chunks = [];
      held = 0;
      if (!done) await iterator.return?.();
      done = true;
    },
  };
};
