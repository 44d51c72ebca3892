/** WebSocket frames (RFC 6455, section 5) as a client meets them: out masked and whole, in unmasked and in any pieces. */
export const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;

const MASK_BYTES = 4;

/** Clients must mask (section 5.3); a mask of zeros leaves the payload as it is and costs the sender nothing. */
export function maskedFrame(opcode: number, payload: string | Buffer): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const start = 2 + extended + MASK_BYTES;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  frame.fill(0, start - MASK_BYTES, start);
  if (typeof payload === 'string') frame.write(payload, start);
  else payload.copy(frame, start);
  return frame;
}

/** Takes bytes as they come and hands on whole messages. A payload is good only until the handler returns. */
export class FrameReader {
  #pending: Buffer | null = null;
  #fragments: Buffer[] | null = null;

  /** `bytes` may be overwritten afterwards. Throws on what a server must not send. */
  push(bytes: Buffer, handle: (opcode: number, payload: Buffer) => void): void {
    let rest = this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = null;
    for (;;) {
      const head = readHead(rest);
      if (head === null || rest.length < head.start + head.length) break;
      const payload = rest.subarray(head.start, head.start + head.length);
      rest = rest.subarray(head.start + head.length);
      this.#take(head, payload, handle);
    }
    if (rest.length > 0) this.#pending = Buffer.from(rest);
  }

  #take({ opcode, final }: Head, payload: Buffer, handle: (opcode: number, payload: Buffer) => void): void {
    if (opcode >= OPCODE.close) return handle(opcode, payload); // control frames may come between fragments
    if ((opcode === OPCODE.continuation) !== (this.#fragments !== null)) throw new Error('a fragment out of order');
    if (final && this.#fragments === null) return handle(opcode, payload);
    this.#fragments = [...(this.#fragments ?? []), Buffer.from(payload)];
    if (!final) return;
    const whole = Buffer.concat(this.#fragments);
    this.#fragments = null;
    handle(OPCODE.text, whole);
  }
}

type Head = { readonly opcode: number; readonly final: boolean; readonly start: number; readonly length: number };

function readHead(bytes: Buffer): Head | null {
  if (bytes.length < 2) return null;
  const [first = 0, second = 0] = bytes;
  if ((first & 0x70) !== 0 || (second & 0x80) !== 0) throw new Error('a frame that is compressed or masked');
  const opcode = first & 0x0f;
  const final = (first & 0x80) !== 0;
  if (second < 126) return { opcode, final, start: 2, length: second };
  if (second === 126) return bytes.length < 4 ? null : { opcode, final, start: 4, length: bytes.readUInt16BE(2) };
  return bytes.length < 10 ? null : { opcode, final, start: 10, length: Number(bytes.readBigUInt64BE(2)) };
}
