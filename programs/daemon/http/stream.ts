/** Answers a request with one JSON document per line. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { asBerthError, type BerthError } from '@berth/core';
import { renderLine } from '@berth/protocol';

/** An error that comes within this time is answered with its own status; later the stream has begun with 200. */
const FIRST_ITEM_MS = 20;

/**
 * Writes items as fast as the client takes them, until they end or `signal` aborts. A stream that fails after it began
 * ends with a line that holds the error; that error is also returned, for the log.
 */
export const writeItems = async (
  res: ServerResponse,
  items: AsyncIterable<unknown>,
  signal: AbortSignal,
): Promise<BerthError | undefined> => {
  const iterator = items[Symbol.asyncIterator]();
  try {
    const first = iterator.next();
    await Promise.race([first, elapsed(FIRST_ITEM_MS)]);
    res.writeHead(200, { 'content-type': 'application/x-ndjson; charset=utf-8', 'cache-control': 'no-store' });
    res.flushHeaders();
    for (let item = await first; !item.done && !signal.aborted; item = await iterator.next()) {
      if (!res.write(renderLine(item.value))) await once(res, 'drain', { signal });
    }
  } catch (thrown) {
    if (!signal.aborted) {
      if (!res.headersSent) throw thrown;
      const error = asBerthError(thrown);
      res.end(renderLine({ error }));
      return error;
    }
  } finally {
    await iterator.return?.();
  }
  res.end();
  return undefined;
};

const elapsed = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms).unref());
