import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { type Client, createClient } from './client.ts';

const openClient = async (t: TestContext, listener: RequestListener): Promise<Client> => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-client-'));
  const server = createServer(listener);
  const socketPath = join(directory, 's');
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  return createClient({ socketPath, by: 'ada' });
};

const full = { error: { code: 'DISK_FLOOR', message: 'the disk is full', hint: 'make room', fields: {} } };
const answerFull: RequestListener = (_, response) => {
  response.writeHead(507, { 'content-type': 'application/json' }).end(JSON.stringify(full));
};

/** A body that never ends, and what became of it. */
const endlessBody = (): { body: Readable; errors: Error[] } => {
  const body = new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
  const errors: Error[] = [];
  body.on('error', (error) => errors.push(error));
  return { body, errors };
};

test('an error that is answered before the body was sent is the error of the call, and nothing is wrong with the body', async (t) => {
  const client = await openClient(t, answerFull);
  const { body, errors } = endlessBody();
  await assert.rejects(client.call('deploy', { body, query: {} }), { code: 'DISK_FLOOR' });
  if (!body.closed) await once(body, 'close');
  assert.deepEqual(errors, []);
});

test('a body that fails is the error of the call', async (t) => {
  const client = await openClient(t, (request) => request.resume());
  const body = Readable.from(
    (async function* () {
      yield 'the beginning';
      throw new Error('the file has gone');
    })(),
  );
  await assert.rejects(client.call('deploy', { body, query: {} }), /the file has gone/);
});

test('a daemon that goes while the body is sent has broken the connection off', async (t) => {
  const client = await openClient(t, (request) => request.once('data', () => request.destroy()));
  const { body } = endlessBody();
  await assert.rejects(client.call('deploy', { body, query: {} }), { code: 'PLATFORM_CONNECTION_LOST' });
  if (!body.closed) await once(body, 'close');
});
