/** For tests of the API: a platform in memory behind a real socket. */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline, type Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { createZstdCompress } from 'node:zlib';
import { type Client, createClient } from '@berth/protocol';
import { pack } from 'tar-stream';
import { createApi } from './api.ts';
import { createFakePlatform, type FakeOptions, type FakePlatform } from './fake-platform.ts';
import { listenOnSocket } from './listen.ts';

export type Opened = {
  readonly platform: FakePlatform;
  readonly client: Client;
  readonly socket: string;
  readonly logged: string[];
};

export const openApi = async (
  t: TestContext,
  options: FakeOptions & { overrides?: Partial<FakePlatform> } = {},
): Promise<Opened> => {
  const directory = await mkdtemp(join(tmpdir(), 'berth-api-'));
  const socket = join(directory, 'berthd.sock');
  const platform = Object.assign(createFakePlatform(options), options.overrides);
  const logged: string[] = [];
  const log = (event: string, fields: object) => void logged.push(`${event} ${JSON.stringify(fields)}`);
  const api = createApi(platform, { version: '0.1.0', log: { info: log, error: log } });
  await listenOnSocket(api.server, socket);
  const client = createClient({ socketPath: socket, by: 'ada' });
  t.after(async () => {
    await api.close();
    await rm(directory, { recursive: true });
  });
  return { platform, client, socket, logged };
};

/** What curl would send and see. */
export const raw = async (socket: string, method: string, path: string, body?: string) => {
  const req = request({
    socketPath: socket,
    method,
    path,
    headers: { host: 'berth', ...(body && { 'content-type': 'application/json' }) },
  });
  req.end(body);
  const [res] = await once(req, 'response');
  const answer = await text(res);
  return { status: res.statusCode as number, headers: res.headers, body: answer.startsWith('{') ? JSON.parse(answer) : answer };
};

export const source = (manifest: string): Readable => {
  const archive = pack();
  archive.entry({ name: 'berth.yaml' }, manifest);
  archive.finalize();
  const compressed = createZstdCompress();
  pipeline(archive, compressed, () => {});
  return compressed;
};

/** `more`: the rest of its manifest. The number of the operation. */
export const deployed = async ({ client }: Opened, app = 'shop', more = ''): Promise<number> => {
  const operation = await client.call('deploy', { query: {}, body: source(`app: ${app}\n${more}`) });
  for await (const _ of client.stream('events', { query: { operation: operation.id, follow: true } }));
  return operation.id;
};
