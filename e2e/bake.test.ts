/** A release that answers its health check and fails its visitors goes back by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitUntil } from '@berth/testing';
import { StoryPlatform } from './harness/platform.ts';
import { archive, type SourceFiles } from './harness/source.ts';
import { ask, Visitor } from './harness/visitor.ts';

const manifest = 'app: shop\nservices:\n  web:\n    run: exec node server.js\n    health: /healthz\n    stop: { within: 5s }\n';
const server = (status: number) => `
require('node:http').createServer((request, response) => {
  response.statusCode = request.url === '/healthz' ? 200 : ${status};
  response.end('${status}');
}).listen(process.env.PORT, '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;
const files = (status: number): SourceFiles => ({ 'berth.yaml': manifest, 'server.js': server(status) });

test('a release that is worse than the one before is taken back, and one that is not passes its bake', async () => {
  await using platform = await StoryPlatform.open({ tls: 'off' });
  const deploy = async (source: SourceFiles) =>
    platform.finished(await platform.client.call('deploy', { body: archive(source), query: {} }));
  const ends = async (what: string, isOver: () => Promise<boolean>) => {
    // Visitors keep coming; what they are told is not the point here.
    await using _visitor = new Visitor(async (agent) => void (await ask(platform.httpPort, 'shop.localhost', { agent })), 10);
    await waitUntil(isOver, { what, withinMs: 75_000 });
  };
  const releases = async () => (await platform.client.call('releases', { params: { app: 'shop' } })).releases;

  assert.equal((await deploy(files(200))).ok, true);
  assert.equal((await deploy({ ...files(200), 'notes.txt': 'the same, but a new release' })).ok, true);
  await ends('the good release to pass', async () => (await releases()).find((it) => it.release === 2)?.bake === 'passed');

  const receipt = await deploy(files(500));
  assert.deepEqual([receipt.ok, receipt.release], [true, 3], 'a deploy does not wait for its bake');
  await ends('the return', async () => (await ask(platform.httpPort, 'shop.localhost')).status === 200);
  await ends('the end of it', async () => (await platform.client.call('status', {})).apps[0]?.operation === null);
  assert.equal((await releases()).find((it) => it.release === 2)?.state, 'serving');
  assert.equal((await releases()).find((it) => it.release === 3)?.bake, 'returned');
  const { receipts } = await platform.client.call('receipts', { params: { app: 'shop' } });
  assert.deepEqual([receipts[0]?.kind, receipts[0]?.by], ['rollback', 'berth']);
});
