/** Kolabpad as anybody deploys it: built as its manifest says, behind the edge, with people at work meanwhile. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../apps/kolabpad/domain/messages.ts';
import { OriginalClient } from '../../apps/kolabpad/testing/original-client.ts';
import { BerthPad } from './berth-pad.ts';
import { Crowd, describeGaps } from './crowd.ts';
import { judgeConvergence, judgeTokens } from './verdict.ts';

const EDITS_BETWEEN = 100;
/** The page says "connecting" for two seconds before it says "offline"; a busy machine gets more. */
const LONGEST_GAP_MS = 10_000;
/** For documentation (RFC 5737): nobody's. */
const PUBLIC_ADDRESS = '203.0.113.7';
const PROXY = '127.0.0.2';

let pad: BerthPad;
before(async () => {
  pad = await BerthPad.open('real');
});
after(() => pad[Symbol.asyncDispose]());

test('the page comes with a strict policy, and its assets from the edge for ever', async () => {
  const page = await pad.get('/');
  assert.equal(page.status, 200);
  const policy = String(page.headers['content-security-policy']);
  assert.match(policy, /default-src 'self'/);
  assert.doesNotMatch(policy, /unsafe-(?:inline|eval)/);
  const assets = [...page.body.matchAll(/(?:src|href)="\.?\/?(assets\/[^"]+)"/g)].map(([, path]) => `/${path}`);
  assert.ok(assets.some((path) => path.endsWith('.js')) && assets.some((path) => path.endsWith('.css')), page.body);
  for (const path of assets) {
    const { status, headers } = await pad.get(path);
    assert.equal(status, 200, path);
    assert.match(String(headers['cache-control']), /immutable/);
  }
  // The application is not asked for them: it would call what it does not have by another page.
  assert.doesNotMatch((await pad.get('/assets/missing.js')).body, /kolabpad/i);
});

test('figures are for operators on the machine, not for visitors', async () => {
  // A proxy that the platform trusts stands for the world outside.
  await pad.platform.client.call('changeSettings', { body: { trustedProxies: [PROXY] } });
  for (const path of ['/metrics', '/api/stats']) {
    const outside = await pad.get(path, { from: PROXY, headers: { 'x-forwarded-for': PUBLIC_ADDRESS } });
    assert.equal(outside.status, 404, `${path} from outside`);
    assert.doesNotMatch(outside.body, /documents_in_memory/);
    const posing = await pad.get(path, { from: PROXY, headers: { 'x-forwarded-for': `127.0.0.1, ${PUBLIC_ADDRESS}` } });
    assert.equal(posing.status, 404, `${path} from somebody who says that they are the machine`);
    const inside = await fetch(`http://127.0.0.1:${pad.clone.port}${path}`);
    assert.equal(inside.status, 200);
    assert.match(await inside.text(), /documents_in_memory/);
  }
});

test('a silent connection outlives every patience of the edge, since the server keeps it alive', async (t) => {
  const [configuration = ''] = globSync('edge/**/live/haproxy.cfg', { cwd: pad.platform.home });
  const edge = readFileSync(join(pad.platform.home, configuration), 'utf8');
  const tunnelMs = Number(/^\s*timeout tunnel (\d+)$/m.exec(edge)?.[1]);
  const manifest = readFileSync(join(pad.clone.app, 'berth.yaml'), 'utf8');
  const heartbeatMs = Number(/WS_HEARTBEAT_INTERVAL_SECONDS: (\d+)/.exec(manifest)?.[1]) * 1_000;
  t.diagnostic(`a ping every ${heartbeatMs} ms, the edge waits ${tunnelMs} ms`);
  assert.ok(heartbeatMs > 0 && heartbeatMs * 2 < tunnelMs, 'two pings may be lost');
  await pad.configure({ WS_HEARTBEAT_INTERVAL_SECONDS: '1' });
  const { url, options } = pad.address('silent');
  const socket = new WebSocket(url, [SUBPROTOCOL], options);
  try {
    await once(socket, 'ping', { signal: AbortSignal.timeout(15_000) });
    await once(socket, 'ping', { signal: AbortSignal.timeout(15_000) });
    assert.equal(socket.readyState, WebSocket.OPEN, 'and its pong was taken');
  } finally {
    socket.terminate();
  }
});

test('a client of the original works through the edge, beside ours', async () => {
  const habit = 'anything';
  using crowd = new Crowd({
    editors: 2,
    documents: 1,
    pauseMs: 50,
    seed: 5,
    habit,
    address: (document) => pad.address(document),
  });
  const [document = ''] = crowd.documents;
  const { url, options } = pad.address(document);
  await using original = new OriginalClient({ headers: options.headers as Record<string, string> });
  await original.connect(url);
  await crowd.connect();
  crowd.startTyping();
  for (let turn = 1; turn <= 20; turn += 1) {
    original.insert(0, `${turn}😀`);
    await original.waitFor(() => original.isSettled, 'its edit was acknowledged');
  }
  await crowd.more(20);
  await crowd.drain();
  const served = await pad.read([document]);
  await original.waitFor(() => original.text === served.get(document)?.text, 'it had the text of the server');
  assert.deepEqual([...crowd.troubles, ...judgeConvergence(crowd, served)], []);
});

for (const [name, act] of Object.entries({
  deploy: () => pad.deploy(),
  rollback: () => pad.rollback(),
}))
  test(`a ${name} while people type: nobody sees an error, and nothing is lost`, async (t) => {
    using crowd = new Crowd({
      editors: 15,
      documents: 3,
      pauseMs: 100,
      seed: name.length,
      address: (document, editor) => pad.address(document, editor),
    });
    await crowd.connect();
    crowd.startTyping();
    await crowd.more(EDITS_BETWEEN);
    const began = performance.now();
    const receipt = await act();
    await crowd.allLive();
    await crowd.more(EDITS_BETWEEN);
    await crowd.drain();
    const gaps = crowd.gapsSince(began);
    t.diagnostic(`${describeGaps(gaps)}; ${crowd.acknowledged} edits acknowledged`);
    assert.equal(receipt.requests.failed, 0);
    assert.deepEqual([...new Set(gaps.map(({ code }) => code))], [1012], 'everybody is told to come back, once');
    assert.equal(gaps.length, crowd.editors.length);
    assert.deepEqual(
      gaps.flatMap(({ refused }) => refused),
      [],
      'and nobody is sent away when they do',
    );
    assert.ok(Math.max(...gaps.map(({ ms }) => ms)) < LONGEST_GAP_MS);
    const served = await pad.read(crowd.documents);
    assert.deepEqual([...crowd.troubles, ...judgeConvergence(crowd, served), ...judgeTokens(crowd, served)], []);
  });

test('berth logs tells what the application has done', async () => {
  const { stdout } = await pad.berth(['logs', 'kolabpad', '--since', '1h']);
  for (const event of [
    'Starting Kolabpad server...',
    'persister_started',
    'flush',
    'Graceful shutdown complete - flushed',
    'User 0 connected',
  ])
    assert.ok(stdout.includes(event), `${event} in\n${stdout.slice(-3_000)}`);
});
