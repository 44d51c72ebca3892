import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestOf, problemsOf, sayings, warningsOf, withRoutes } from './expectations.ts';
import type { HostRoutes, Route } from './model.ts';

const web: Route = {
  path: '/',
  to: { kind: 'service', service: 'web' },
  limit: null,
  maxBodyBytes: null,
  timeoutMs: null,
  headers: {},
};

const hosts: { name: string; lines: string; expected: Partial<HostRoutes>[] }[] = [
  { name: 'a service in short', lines: 'pad: web', expected: [{ host: 'pad', redirect: null, headers: {}, paths: [web] }] },
  { name: 'the domain itself', lines: '"@": web', expected: [{ host: '@', paths: [web] }] },
  { name: 'a full name, in lower case', lines: 'Pad.Example.COM: web', expected: [{ host: 'pad.example.com' }] },
  {
    name: 'a redirect',
    lines: 'pad: web\nwww.pad: { redirect: Pad }',
    expected: [{ host: 'pad' }, { host: 'www.pad', redirect: 'pad', paths: [] }],
  },
  {
    name: 'headers, by lower-case name',
    lines: 'pad: { headers: { X-Frame-Options: DENY, Server: null, X-Version: 1.10 }, /: web }',
    expected: [{ headers: { 'x-frame-options': 'DENY', server: null, 'x-version': '1.10' } }],
  },
];
for (const { name, lines, expected } of hosts) {
  test(`a host may have ${name}`, () => {
    const { routes } = manifestOf(withRoutes(lines));
    for (const [at, host] of expected.entries()) {
      for (const [key, value] of Object.entries(host)) assert.deepEqual(routes[at]?.[key as keyof HostRoutes], value, key);
    }
  });
}

const files = (root: { from: 'release'; directory: string } | { from: 'store'; store: string; directory: string }) => ({
  kind: 'files' as const,
  root,
  cache: { kind: 'none' as const },
});

const paths: { name: string; part: string; expected: Partial<Route> }[] = [
  { name: 'a service', part: '{ to: web }', expected: web },
  {
    name: 'files of the release',
    part: '{ files: ./dist//assets/ }',
    expected: { to: files({ from: 'release', directory: 'dist/assets' }) },
  },
  {
    name: 'a whole store',
    part: '{ files: "${stores.uploads}" }',
    expected: { to: files({ from: 'store', store: 'uploads', directory: '.' }) },
  },
  {
    name: 'a store by its path',
    part: '{ files: "${stores.uploads.path}/" }',
    expected: { to: files({ from: 'store', store: 'uploads', directory: '.' }) },
  },
  {
    name: 'a directory of a store',
    part: '{ files: "${stores.uploads}/public/img" }',
    expected: { to: files({ from: 'store', store: 'uploads', directory: 'public/img' }) },
  },
  {
    name: 'immutable files',
    part: '{ files: a, cache: immutable }',
    expected: { to: { ...files({ from: 'release', directory: 'a' }), cache: { kind: 'immutable' } } },
  },
  {
    name: 'files kept for 30 days',
    part: '{ files: a, cache: 30d }',
    expected: { to: { ...files({ from: 'release', directory: 'a' }), cache: { kind: 'age', seconds: 2_592_000 } } },
  },
  {
    name: 'a redirect, permanent and with its method',
    part: '{ redirect: /new }',
    expected: { to: { kind: 'redirect', location: '/new', status: 308 } },
  },
  {
    name: 'a redirect of another status',
    part: '{ redirect: "https://x.org/#a", status: 302 }',
    expected: { to: { kind: 'redirect', location: 'https://x.org/#a', status: 302 } },
  },
  { name: 'a rate in short', part: '{ to: web, limit: 10/s }', expected: { limit: { requests: 10, perMs: 1_000, burst: 10 } } },
  {
    name: 'a rate with a burst',
    part: '{ to: web, limit: { rate: 5/min, burst: 2 } }',
    expected: { limit: { requests: 5, perMs: 60_000, burst: 2 } },
  },
  {
    name: 'a rate on files',
    part: '{ files: a, limit: { rate: 100/h } }',
    expected: { limit: { requests: 100, perMs: 3_600_000, burst: 100 } },
  },
  {
    name: 'a body limit and a timeout',
    part: '{ to: web, body: 20MB, timeout: 5m }',
    expected: { maxBodyBytes: 20_000_000, timeoutMs: 300_000 },
  },
  {
    name: 'headers',
    part: '{ to: web, headers: { Cache-Control: no-store } }',
    expected: { headers: { 'cache-control': 'no-store' } },
  },
];
for (const { name, part, expected } of paths) {
  test(`a path may have ${name}`, () => {
    const route = manifestOf(withRoutes(`pad: { /: ${part} }`)).routes[0]?.paths[0];
    for (const [key, value] of Object.entries(expected)) assert.deepEqual(route?.[key as keyof Route], value, key);
  });
}

const refused: { name: string; lines: string; says: string[] }[] = [
  { name: 'an unknown service', lines: 'pad: wbe', says: ['there is no service `wbe` (did you mean `web`?)'] },
  {
    name: 'an unknown service in the long form',
    lines: 'pad: { /: { to: constructor } }',
    says: ['there is no service `constructor`'],
  },
  {
    name: 'a host twice in other letters',
    lines: 'pad: web\nPad: web',
    says: ['this host was given already (put all its paths in one place)'],
  },
  { name: 'a host that answers nothing', lines: 'pad: {}', says: ['this host answers nothing (add a path, such as `/: web`)'] },
  { name: 'a wildcard', lines: '"*.pad": web', says: ['this version of Berth does not do wildcard hosts yet (name each host)'] },
  {
    name: 'a URL for a host',
    lines: 'http://pad.org: web',
    says: ['a host is "@", a name such as pad, or a full name such as pad.example.com (write `pad.org`)'],
  },
  {
    name: 'a target without a path',
    lines: 'pad: { to: web }',
    says: ['`to` is neither a path nor an option of a host (put it under a path: `/: { to: … }`)'],
  },
  {
    name: 'a path without its slash',
    lines: 'pad: { api/: web }',
    says: ['`api/` is neither a path nor an option of a host (a path begins with a slash)'],
  },
  {
    name: 'a misspelt option',
    lines: 'pad: { header: { A: b }, /: web }',
    says: ['`header` is neither a path nor an option of a host (did you mean `headers`?)'],
  },
  {
    name: 'a redirect beside paths',
    lines: 'pad: { redirect: x, /: web }',
    says: ['the whole host redirects, so its paths would never answer (put the redirect under a path, or remove the paths)'],
  },
  {
    name: 'a redirect to a URL',
    lines: 'pad: { redirect: https://x.org/ }',
    says: ['a host is "@", a name such as pad, or a full name such as pad.example.com (write `x.org`)'],
  },
  { name: 'a redirect to itself', lines: 'pad: { redirect: PAD }', says: ['this host redirects to itself'] },
  {
    name: 'redirects in a circle',
    lines: 'a: { redirect: b }\nb: { redirect: c }\nc: { redirect: a }',
    says: ['these hosts redirect in a circle: a → b → c → a'],
  },
  {
    name: 'a wildcard path',
    lines: 'pad: { /api/*: web }',
    says: ['a path has no wildcards (a path ending in / answers everything below it)'],
  },
  { name: 'a query', lines: 'pad: { "/a?b": web }', says: ['a path stands alone, without query and fragment'] },
  { name: 'a path that climbs', lines: 'pad: { /a/../b: web }', says: ['a path has no empty, `.` or `..` segments'] },
  {
    name: 'a space in a path',
    lines: 'pad: { /a b: web }',
    says: ['a path is written as in a URL, with other characters %-encoded'],
  },
  { name: 'no target', lines: 'pad: { /: {} }', says: ['where do these requests go? (add `to:`, `files:` or `redirect:`)'] },
  {
    name: 'two targets',
    lines: 'pad: { /: { to: web, files: a } }',
    says: ['a path has one target, but both `to` and `files` are given (keep one of the two)'],
  },
  {
    name: 'a cache for a service',
    lines: 'pad: { /: { to: web, cache: 1d } }',
    says: ['`cache` goes with `files`, not with `to` (remove it)'],
  },
  {
    name: 'a status for files',
    lines: 'pad: { /: { files: a, status: 301 } }',
    says: ['`status` goes with `redirect`, not with `files` (remove it)'],
  },
  {
    name: 'a timeout for files',
    lines: 'pad: { /: { files: a, timeout: 5s } }',
    says: ['`timeout` goes with `to`, not with `files` (remove it)'],
  },
  {
    name: 'a rate for a redirect',
    lines: 'pad: { /: { redirect: /a, limit: 1/s } }',
    says: ['`limit` goes with `to` or `files`, not with `redirect` (remove it)'],
  },
  {
    name: 'an unknown status',
    lines: 'pad: { /: { redirect: /a, status: 303 } }',
    says: ['expected 301, 302, 307 or 308, not `303`'],
  },
  {
    name: 'files outside',
    lines: 'pad: { /: { files: ../secret } }',
    says: ['expected a directory such as dist/assets, or a store such as ${stores.uploads} (without `..`), not `../secret`'],
  },
  {
    name: 'files outside a store',
    lines: 'pad: { /: { files: "${stores.uploads}/../db" } }',
    says: [
      'expected a directory such as dist/assets, or a store such as ${stores.uploads} (without `..`), not `${stores.uploads}/../db`',
    ],
  },
  {
    name: 'files by absolute path',
    lines: 'pad: { /: { files: /etc } }',
    says: ['expected a directory such as dist/assets, or a store such as ${stores.uploads}, not `/etc`'],
  },
  {
    name: 'files of an unknown store',
    lines: 'pad: { /: { files: "${stores.upload}" } }',
    says: ['there is no store `upload` (did you mean `uploads`?)'],
  },
  {
    name: 'files of a database',
    lines: 'pad: { /: { files: "${stores.db}" } }',
    says: ['`db` is a database; only a store of `files` can be served'],
  },
  {
    name: 'files of the app',
    lines: 'pad: { /: { files: "${app.name}" } }',
    says: ['only a store can be referred to here (write it as `${stores.NAME}`)'],
  },
  {
    name: 'a cache of no known kind',
    lines: 'pad: { /: { files: a, cache: forever } }',
    says: ['expected `immutable`, `none`, or a duration such as 30d, not `forever`'],
  },
  {
    name: 'a rate without a time',
    lines: 'pad: { /: { to: web, limit: 5 } }',
    says: ['expected a rate such as 5/min, or a mapping with `rate` and `burst`, not `5`'],
  },
  {
    name: 'a burst without a rate',
    lines: 'pad: { /: { to: web, limit: { burst: 5 } } }',
    says: ['`rate` is missing: a rate such as 5/min or 10/s'],
  },
  {
    name: 'a header of the edge',
    lines: 'pad: { /: { to: web, headers: { Content-Length: 5 } } }',
    says: ['`Content-Length` is set by the edge itself (remove it)'],
  },
  {
    name: 'a header twice in other letters',
    lines: 'pad: { /: web, headers: { A: 1, a: 2 } }',
    says: ['`a` was given already (keep one of the two)'],
  },
  {
    name: 'a header of two lines',
    lines: 'pad: { /: web, headers: { A: "b\\r\\nC: d" } }',
    says: ['a header value is one line of printable ASCII'],
  },
  {
    name: 'a header name with a colon',
    lines: 'pad: { /: web, headers: { "A:": b } }',
    says: ['expected a header name such as X-Frame-Options, not `A:`'],
  },
  { name: 'a misspelt key', lines: 'pad: { /: { to: web, limt: 5/min } }', says: ['unknown key `limt` (did you mean `limit`?)'] },
  {
    name: 'a password, yet',
    lines: 'pad: { /: { to: web, auth: x } }',
    says: ['`auth`: this version of Berth does not do passwords on routes yet (remove it for now)'],
  },
  {
    name: 'a mistake in two hosts',
    lines: 'a: wbe\nb: wbe',
    says: ['there is no service `wbe` (did you mean `web`?)', 'there is no service `wbe` (did you mean `web`?)'],
  },
];
for (const { name, lines, says } of refused) {
  test(`routes may not have ${name}`, () => assert.deepEqual(sayings(problemsOf(withRoutes(lines))), says));
}

test('files of the whole release are served with a warning', () => {
  const [warning] = warningsOf('app: site\nroutes: { "@": { /: { files: . } } }');
  assert.match(warning?.message ?? '', /whole release/);
});
