import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLines, renderLine } from './ndjson.ts';

const linesOf = async (chunks: readonly Uint8Array[]): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of readLines(
    (async function* () {
      yield* chunks;
    })(),
  ))
    lines.push(line);
  return lines;
};

const bytes = (text: string) => Buffer.from(text);

const cases = [
  { name: 'one chunk of two lines', chunks: [bytes('a\nb\n')], lines: ['a', 'b'] },
  { name: 'a line in three chunks', chunks: [bytes('a'), bytes('b'), bytes('c\n')], lines: ['abc'] },
  { name: 'a last line without its newline', chunks: [bytes('a\nb')], lines: ['a', 'b'] },
  { name: 'empty lines', chunks: [bytes('a\n\n\nb\n\n')], lines: ['a', 'b'] },
  { name: 'a letter cut in half', chunks: [bytes('ü').subarray(0, 1), bytes('ü\n').subarray(1)], lines: ['ü'] },
  { name: 'nothing', chunks: [], lines: [] },
];
for (const { name, chunks, lines } of cases) {
  test(`${name} is read as ${lines.length} lines`, async () => assert.deepEqual(await linesOf(chunks), lines));
}

test('a document with newlines in it stays one line', async () => {
  const item = { text: 'a\nb\u2028c' };
  const [line = '', ...rest] = await linesOf([bytes(renderLine(item))]);
  assert.deepEqual([JSON.parse(line), rest], [item, []]);
});
