import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from './frame.ts';

test('a client of a library reads our frames, of every size of header', async () => {
  const payloads = [
    '',
    'a',
    'é😀',
    'x'.repeat(125),
    'x'.repeat(126),
    'x'.repeat(65_535),
    'x'.repeat(65_536),
    'é'.repeat(200_000),
  ];
  const server = createServer();
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, stream, head) =>
    sockets.handleUpgrade(request, stream, head, () => stream.write(Buffer.concat(payloads.map(textFrame)))),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const received: string[] = [];
  await new Promise<void>((resolve) =>
    client.on('message', (data, isBinary) => {
      assert.equal(isBinary, false);
      if (received.push((data as Buffer).toString()) === payloads.length) resolve();
    }),
  );
  assert.deepEqual(received, payloads);
  client.terminate();
  server.closeAllConnections();
  server.close();
});
