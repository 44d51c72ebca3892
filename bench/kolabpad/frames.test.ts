import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameReader, maskedFrame, OPCODE } from './frames.ts';

/** As a server sends it: no mask. */
function serverFrame(opcode: number, text: string, final = true): Buffer {
  const masked = maskedFrame(opcode, text);
  const length = Buffer.byteLength(text);
  const head = Buffer.from(masked.subarray(0, masked.length - length - 4));
  head[0] = (head[0] ?? 0) & (final ? 0xff : 0x7f);
  head[1] = (head[1] ?? 0) & 0x7f;
  return Buffer.concat([head, Buffer.from(text)]);
}

const messages = ['', 'x', 'ü'.repeat(62), 'a'.repeat(125), 'b'.repeat(126), 'c'.repeat(65_535), 'd'.repeat(65_536)];

for (const step of [1, 3, 4096, Number.MAX_SAFE_INTEGER]) {
  test(`messages of every length of head are read when they come ${step} bytes at a time`, () => {
    const bytes = Buffer.concat(messages.map((text) => serverFrame(OPCODE.text, text)));
    const reader = new FrameReader();
    const read: string[] = [];
    // One buffer for all that comes, as a socket with `onread` has it: what is kept must have been copied.
    const shared = Buffer.alloc(Math.min(step, bytes.length));
    for (let at = 0; at < bytes.length; at += step) {
      const copied = bytes.copy(shared, 0, at, at + step);
      reader.push(shared.subarray(0, copied), (_, payload) => read.push(payload.toString()));
    }
    assert.deepEqual(read, messages);
  });
}

test('a fragmented message is put together, with a ping between its pieces', () => {
  const bytes = Buffer.concat([
    serverFrame(OPCODE.text, 'one ', false),
    serverFrame(OPCODE.ping, 'alive?'),
    serverFrame(OPCODE.continuation, 'two ', false),
    serverFrame(OPCODE.continuation, 'three'),
  ]);
  const read: [number, string][] = [];
  new FrameReader().push(bytes, (opcode, payload) => read.push([opcode, payload.toString()]));
  assert.deepEqual(read, [
    [OPCODE.ping, 'alive?'],
    [OPCODE.text, 'one two three'],
  ]);
});

test('a masked frame and a stray continuation are refused', () => {
  const ignore = (): void => undefined;
  assert.throws(() => new FrameReader().push(maskedFrame(OPCODE.text, 'x'), ignore), /masked/);
  assert.throws(() => new FrameReader().push(serverFrame(OPCODE.continuation, 'x'), ignore), /out of order/);
});
