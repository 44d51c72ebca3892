import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderFilesConfiguration } from './files/configuration.ts';
import { renderConfiguration, renderStructure } from './haproxy/configuration.ts';
import { bindsOf, structureOf } from './haproxy/configuration-text.ts';
import { canonicalPath, mapNames, renderMap, renderMaps } from './haproxy/maps.ts';
import type { Observed } from './haproxy/reconcile.ts';
import { planCommands, planHealth } from './haproxy/reconcile.ts';
import { host, route, service } from './testing/edge-fixture.ts';
import { around, large, small } from './testing/example-states.ts';
import type { EdgeState } from './state.ts';

const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url).pathname;
const asText = { serializers: [(text: string) => text] };

for (const [name, value] of Object.entries({ small, large })) {
  test(`the configuration of the ${name} state is what it was`, (t) => {
    t.assert.fileSnapshot(renderConfiguration(value, around), golden(`${name}.haproxy.cfg`), asText);
    const maps = renderMaps(value);
    t.assert.fileSnapshot(mapNames.map((map) => `# ${map}\n${renderMap(maps[map])}`).join('\n'), golden(`${name}.maps`), asText);
  });
}

test('the configuration of nginx is what it was', (t) => {
  t.assert.fileSnapshot(renderFilesConfiguration({ workers: 2 }), golden('nginx.conf'), asText);
});

test('the structure is the configuration without servers, and says what is listened on', () => {
  assert.equal(structureOf(renderConfiguration(large, around)), renderStructure(large, around));
  assert.deepEqual(bindsOf(renderStructure(small, around)), [
    { address: '127.0.0.1', port: 8080 },
    { address: '127.0.0.1', port: 21_000 },
    { address: '::1', port: 21_000 },
  ]);
  assert.equal(bindsOf(renderStructure(small, { ...around, ipv6: false })).length, 2);
});

const refused: readonly { name: string; change: (state: EdgeState) => EdgeState; what: RegExp }[] = [
  { name: 'a host with a line break', change: (s) => ({ ...s, hosts: [host('a\nb', [])] }), what: /host/ },
  {
    name: 'a header that spans lines',
    change: (s) => ({ ...s, hosts: [host('a.b', [route('/', 'web')], { headers: { x: 'a\r\nset-cookie: b' } })] }),
    what: /one line/,
  },
  {
    name: 'a header with a bad name',
    change: (s) => ({ ...s, hosts: [host('a.b', [route('/', 'web')], { headers: { 'x y': 'a' } })] }),
    what: /name of a header/,
  },
  {
    name: 'a directory with ".."',
    change: (s) => ({
      ...s,
      hosts: [host('a.b', [route('/', { kind: 'files', directory: '/a/../b', cache: { kind: 'none' } })])],
    }),
    what: /absolute/,
  },
  {
    name: 'a relative directory',
    change: (s) => ({ ...s, hosts: [host('a.b', [route('/', { kind: 'files', directory: 'a', cache: { kind: 'none' } })])] }),
    what: /absolute/,
  },
  {
    name: 'a route to nowhere',
    change: (s) => ({ ...s, hosts: [host('a.b', [route('/', 'other')])] }),
    what: /no service other/,
  },
  { name: 'a route with ".."', change: (s) => ({ ...s, hosts: [host('a.b', [route('/a/../b', 'web')])] }), what: /"\.\."/ },
  {
    name: 'an app that would end its line',
    change: (s) => ({ ...s, services: [service({ app: 'a b', listen: 1, servers: [] })] }),
    what: /app/,
  },
  {
    name: 'an instance that would end its line',
    change: (s) => ({ ...s, services: [service({ listen: 1, servers: [{ id: 'a b', port: 1 }] })] }),
    what: /instance/,
  },
  {
    name: 'a health path with a blank',
    change: (s) => ({
      ...s,
      services: [service({ listen: 1, servers: [], check: { kind: 'http', path: '/a b', everyMs: 1, timeoutMs: 1, fails: 1 } })],
    }),
    what: /health path/,
  },
];

for (const { name, change, what } of refused) {
  test(`${name} is refused`, () => {
    const wanted = change(small);
    assert.throws(() => [renderConfiguration(wanted, around), renderMaps(wanted)], { code: 'EDGE_STATE_INVALID', message: what });
  });
}

const paths: readonly [string, string | null][] = [
  ['/', '/'],
  ['/a/b', '/a/b'],
  ['//a//b/', '/a/b/'],
  ['/./a/.', '/a/'],
  ['/%61/%2f%62', '/a/b'],
  ['/a b', '/a%20b'],
  ['/é', '/%C3%A9'],
  ['/a>b', '/a%3Eb'],
  ['/100%', '/100%25'],
  ['/..', null],
  ['/a/%2e%2E/b', null],
  ['/a%00', null],
  ['a', null],
];

for (const [path, canonical] of paths) {
  test(`the canonical form of ${path} is ${canonical}`, () => assert.equal(canonicalPath(path), canonical));
}

const observe = (value: EdgeState): Observed => ({
  servers: value.services.flatMap((each) =>
    ['', ':ws'].flatMap((suffix) =>
      each.servers.map((server) => ({
        backend: `${each.app}.${each.service}${suffix}`,
        name: server.id,
        address: '127.0.0.1',
        port: server.port,
        maint: server.state === 'maint',
        down: false,
      })),
    ),
  ),
  maps: renderMaps(value),
});

const commands = (from: EdgeState, to: EdgeState): readonly string[] =>
  planCommands({ state: to, maps: renderMaps(to) }, observe(from)).map(({ line }) => line);

test('nothing is commanded when everything is as wanted', () => assert.deepEqual(commands(large, large), []));

test('a new instance is in before the old one is out, the hold armed before and disarmed after', () => {
  const [web] = small.services;
  assert.ok(web);
  const held = {
    ...small,
    services: [
      { ...web, hold: { ...web.hold, armed: true }, servers: [{ id: 'pad.web.2-b', port: 21_002, state: 'ready' as const }] },
    ],
  };
  const parameters = 'check inter 500 fastinter 500 downinter 250 fall 2 rise 1 pool-purge-delay 2s';
  const add = (backend: string) => [
    `add server ${backend}/pad.web.2-b 127.0.0.1:21002 ${parameters}`,
    `enable health ${backend}/pad.web.2-b`,
    `set server ${backend}/pad.web.2-b state ready`,
    `set server ${backend}/pad.web.2-b health up`,
  ];
  const remove = (backend: string) =>
    ['shutdown sessions server', 'set server', 'del server'].map(
      (verb) => `${verb} ${backend}/pad.web.1-a${verb === 'set server' ? ' addr 127.0.0.1 port 1' : ''}`,
    );
  assert.deepEqual(commands(small, held), [
    'add map hold.map',
    ...add('pad.web'),
    ...add('pad.web:ws'),
    'set server pad.web/pad.web.1-a state maint',
    'set server pad.web:ws/pad.web.1-a state maint',
    ...remove('pad.web'),
    ...remove('pad.web:ws'),
  ]);
  assert.equal(commands(held, { ...held, services: small.services }).at(-7), 'del map hold.map pad.web');
});

test('a route that moves is set, with blanks and backslashes of its value kept', () => {
  const moved = {
    ...small,
    hosts: [host('pad.localhost', [route('/', { kind: 'files', directory: '/srv/my files;v2', cache: { kind: 'none' } })])],
  };
  assert.deepEqual(commands(small, moved), ['set map routes.map pad.localhost/ files|0|pad||-||none|/srv/my\\ files\\;v2']);
});

test('a new worker is told which servers were up and which were down', () => {
  const before = observe(large).servers.map((server) => ({ ...server, down: server.name === 'pad.live.1-a' }));
  assert.deepEqual(
    planHealth(large, before).map(({ line }) => line),
    [
      'set server pad.web/pad.web.2-b health up',
      'set server pad.web:ws/pad.web.2-b health up',
      'set server pad.live/pad.live.1-a health down',
      'set server pad.live:ws/pad.live.1-a health down',
    ],
  );
});
