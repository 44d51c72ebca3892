/** Newline-delimited JSON: one document per line, in both directions. */
import { StringDecoder } from 'node:string_decoder';

/** The complete, non-empty lines of a byte stream, whatever its chunks are; a last line needs no newline. */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of bytes) {
    // Only the new piece is searched, so that a very long line costs its length and not the square of it.
    const pieces = decoder.write(chunk).split('\n');
    if (pieces.length === 1) {
      rest += pieces[0];
      continue;
    }
    pieces[0] = rest + pieces[0];
    rest = pieces.pop() ?? '';
    for (const line of pieces) if (line !== '') yield line;
  }
  rest += decoder.end();
  if (rest !== '') yield rest;
}

export const renderLine = (item: unknown): string => `${JSON.stringify(item)}\n`;
