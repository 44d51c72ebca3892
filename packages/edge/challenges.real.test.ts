import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask } from './testing/client.ts';
import { host, never, route, service, startEdge, state } from './testing/edge-fixture.ts';
import { startToyBackend } from './testing/toy-backend.ts';

const HOST = 'pad.example.com';
const TOKEN = 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0';
const ANSWER = `${TOKEN}.9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI`;
const PATH = `/.well-known/acme-challenge/${TOKEN}`;

test('challenges are answered before the redirect to HTTPS, without a reload and through reloads; other tokens are the app’s', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  const wanted = (listen: number) =>
    state(edge, {
      listeners: { httpsPort: edge.https },
      services: [service({ listen, servers: [{ id: 's1', port: toy.port }] })],
      hosts: [host(HOST, [route('/', 'web')])],
    });
  await edge.edge.apply(wanted(edge.ports[9] ?? 0), never);
  const reloads = () => edge.events.filter(({ event }) => event === 'edge.reloaded').length;
  const before = reloads();
  const asked = async (name: string, path = PATH) => {
    const { status, body, headers } = await ask({ port: edge.http, host: name, path });
    return `${status} ${status === 308 ? headers.location : body.trim()}`;
  };
  assert.match(await asked(HOST), /^308 https:/);

  await edge.edge.challenges.answer({ host: HOST, token: TOKEN, answer: ANSWER });
  assert.equal(await asked(HOST), `200 ${ANSWER}`);
  assert.equal(await asked(`${HOST.toUpperCase()}.:80`), `200 ${ANSWER}`, 'however the host is written');
  assert.match(await asked('other.example.com'), /^404/, 'for that host alone');
  assert.match(await asked(HOST, `${PATH}x`), /^308 https:/, 'another token goes where it went');
  assert.match(await asked(HOST, '/.well-known/acme-challenge/'), /^308/);
  await edge.edge.challenges.answer({ host: 'new.example.com', token: TOKEN, answer: ANSWER });
  assert.equal(await asked('new.example.com'), `200 ${ANSWER}`, 'a host that no app has yet');
  assert.equal(reloads(), before);

  assert.equal((await edge.edge.apply(wanted(edge.ports[8] ?? 0), never)).reloaded, true);
  assert.equal(await asked(HOST), `200 ${ANSWER}`, 'after a reload');

  await edge.edge.challenges.withdraw({ host: HOST, token: TOKEN });
  assert.match(await asked(HOST), /^308/);
  assert.equal(await asked('new.example.com'), `200 ${ANSWER}`);
  await assert.rejects(edge.edge.challenges.answer({ host: HOST, token: 'a b', answer: ANSWER }), { code: 'EDGE_STATE_INVALID' });
});

test('without TLS an app answers the tokens that are its own', async () => {
  await using edge = await startEdge();
  await using toy = await startToyBackend('web', edge.ports[0] ?? 0);
  const services = [service({ listen: edge.ports[9] ?? 0, servers: [{ id: 's1', port: toy.port }] })];
  await edge.edge.apply(state(edge, { services, hosts: [host(HOST, [route('/', 'web')])] }), never);
  await edge.edge.challenges.answer({ host: HOST, token: TOKEN, answer: ANSWER });
  const answer = await ask({ port: edge.http, host: HOST, path: '/.well-known/acme-challenge/of-the-app' });
  assert.deepEqual([answer.status, JSON.parse(answer.body).toy], [200, 'web']);
  assert.equal((await ask({ port: edge.http, host: HOST, path: PATH })).body, ANSWER);
});
