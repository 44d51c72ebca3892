import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerthError, manifestInvalid } from '../errors.ts';
import { exampleManifest } from './example.ts';
import { manifestOf, problemsOf, sayings } from './expectations.ts';
import type { Manifest, Service } from './model.ts';

const health: Service['health'] = {
  check: { kind: 'http', path: '/healthz' },
  everyMs: 5_000,
  timeoutMs: 3_000,
  fails: 3,
  startMs: 30_000,
};
const stop: Service['stop'] = { signal: 'SIGTERM', withinMs: 30_000 };
const noLimits: Service['limits'] = { memoryBytes: null, cpu: null, files: 65_536 };
const plainRoute = { limit: null, maxBodyBytes: null, timeoutMs: null, headers: {} };

const example: Manifest = {
  app: 'kolabpad',
  source: { root: '../..', include: ['package.json', 'package-lock.json', 'packages/kit'] },
  build: 'npm ci && npm run build',
  release: { run: 'node migrate.ts', when: 'held' },
  services: [
    {
      name: 'render',
      run: 'node render/main.ts',
      instances: 2,
      switch: 'rolling',
      networked: true,
      listen: null,
      health,
      stop,
      limits: noLimits,
      env: {},
      secrets: [],
      needs: [],
    },
    {
      name: 'web',
      run: 'node server/main.ts',
      instances: 1,
      switch: 'handover',
      networked: true,
      listen: 3030,
      health,
      stop,
      limits: { memoryBytes: 512_000_000, cpu: 1, files: 65_536 },
      env: {
        EXPIRY_DAYS: '7',
        DATABASE: '${stores.db.path}',
        RENDER_URL: '${services.render.url}',
        PUBLIC_URL: '${app.url}',
      },
      secrets: [{ name: 'SESSION_SECRET', as: 'env', generate: false }],
      needs: ['render'],
    },
    {
      name: 'tidy',
      run: 'node tidy.ts',
      instances: 1,
      switch: 'rolling',
      networked: false,
      listen: null,
      health: { ...health, check: { kind: 'alive' } },
      stop,
      limits: noLimits,
      env: {},
      secrets: [],
      needs: [],
    },
  ],
  routes: [
    {
      host: 'pad.example.com',
      redirect: null,
      headers: { 'x-frame-options': 'DENY' },
      paths: [
        { ...plainRoute, path: '/', to: { kind: 'service', service: 'web' } },
        {
          ...plainRoute,
          path: '/assets/',
          to: { kind: 'files', root: { from: 'release', directory: 'dist/assets' }, cache: { kind: 'immutable' } },
        },
        {
          ...plainRoute,
          path: '/uploads/',
          to: {
            kind: 'files',
            root: { from: 'store', store: 'uploads', directory: '.' },
            cache: { kind: 'age', seconds: 31_536_000 },
          },
        },
        {
          path: '/api/document/',
          to: { kind: 'service', service: 'web' },
          limit: { requests: 5, perMs: 60_000, burst: 5 },
          maxBodyBytes: 1_000_000,
          timeoutMs: 10_000,
          headers: {},
        },
        { ...plainRoute, path: '/help', to: { kind: 'redirect', location: 'https://example.com/help', status: 302 } },
      ],
    },
    { host: 'www.pad.example.com', redirect: 'pad.example.com', headers: {}, paths: [] },
  ],
  stores: [
    { name: 'db', kind: 'sqlite', path: 'kolabpad.db' },
    { name: 'uploads', kind: 'files', path: 'uploads' },
  ],
  backup: { keepMs: 90 * 86_400_000, filesEveryMs: 15 * 60_000, drillEveryMs: 86_400_000, check: 'node check-data.ts' },
};

test('the example of the reference is read to the last default', () => assert.deepEqual(manifestOf(exampleManifest), example));

const routing: { name: string; text: string; routes: string[]; networked: string[] }[] = [
  {
    name: 'the only service answers at the name of the app',
    text: 'services: { server: x }',
    routes: ['pad/ server'],
    networked: ['server'],
  },
  { name: 'of several, web answers', text: 'services: { worker: x, web: y }', routes: ['pad/ web'], networked: ['web'] },
  { name: 'of several without a web, none does', text: 'services: { a: x, b: y }', routes: [], networked: [] },
  { name: 'an empty mapping of routes turns it off', text: 'services: { web: x }\nroutes: {}', routes: [], networked: [] },
  {
    name: 'routes of its own turn it off',
    text: 'services: { web: x, api: y }\nroutes: { api: api }',
    routes: ['api/ api'],
    networked: ['api'],
  },
  {
    name: 'a listening service is on the network without a route',
    text: 'services: { web: { run: x, listen: 3000 } }\nroutes: {}',
    routes: [],
    networked: ['web'],
  },
  {
    name: 'and so is one with health by path',
    text: 'services: { web: { run: x, health: / } }\nroutes: {}',
    routes: [],
    networked: ['web'],
  },
  {
    name: 'and so is one that another calls',
    text: 'services: { a: { run: x, env: { B: "${services.b.url}" } }, b: y }',
    routes: [],
    networked: ['b'],
  },
  {
    name: 'health by command needs no network',
    text: 'services: { a: { run: x, health: { command: y } } }\nroutes: {}',
    routes: [],
    networked: [],
  },
  { name: 'an app may be files alone', text: 'routes: { "@": { /: { files: dist } } }', routes: ['@/ files'], networked: [] },
];
for (const { name, text, routes, networked } of routing) {
  test(`routing: ${name}`, () => {
    const manifest = manifestOf(`app: pad\n${text}\n`);
    const shown = manifest.routes.flatMap(({ host, paths }) =>
      paths.map(({ path, to }) => `${host}${path} ${to.kind === 'service' ? to.service : to.kind}`),
    );
    assert.deepEqual(shown, routes);
    assert.deepEqual(
      manifest.services.filter((service) => service.networked).map((service) => service.name),
      networked,
    );
  });
}

const releases: { text: string; release: Manifest['release'] }[] = [
  { text: '', release: null },
  { text: 'release: x', release: { run: 'x', when: 'before' } },
  { text: 'release: { run: x }', release: { run: 'x', when: 'before' } },
  { text: 'release: { run: x, when: held }', release: { run: 'x', when: 'held' } },
];
for (const { text, release } of releases) {
  test(`"${text}" is ${JSON.stringify(release)}`, () => {
    assert.deepEqual(manifestOf(`app: pad\nservices: { web: { run: y, switch: handover } }\n${text}\n`).release, release);
  });
}

const written: { name: string; text: string }[] = [
  { name: 'Windows line ends', text: exampleManifest.replaceAll('\n', '\r\n') },
  { name: 'a byte order mark', text: `\ufeff${exampleManifest}` },
  { name: 'a document start', text: `---\n${exampleManifest}` },
  {
    name: 'an anchor and an alias',
    text: exampleManifest.replace('health: { path', 'health: &health { path').replace('health: /healthz', 'health: *health'),
  },
  { name: 'JSON', text: JSON.stringify({ app: 'x', services: { web: 'y' } }) },
];
for (const { name, text } of written) {
  test(`a manifest may be written with ${name}`, () => {
    const manifest = manifestOf(text);
    if (name !== 'JSON') assert.deepEqual(manifest, example);
  });
}

const wholes: { name: string; text: string; says: string[] }[] = [
  { name: 'nothing', text: '', says: ['the file is empty (begin with `app:` and `services:`)'] },
  { name: 'comments only', text: '# soon\n', says: ['the file is empty (begin with `app:` and `services:`)'] },
  { name: 'a list', text: '- app\n', says: ['expected a mapping of keys such as `app` and `services`, not a list'] },
  { name: 'a word', text: 'kolabpad\n', says: ['expected a mapping of keys such as `app` and `services`, not `kolabpad`'] },
  {
    name: 'no name',
    text: 'services: { web: x }\n',
    says: ['`app` is missing: a name of 1 to 30 lower-case letters, digits and hyphens, beginning with a letter'],
  },
  {
    name: 'a name alone',
    text: 'app: x\n',
    says: [
      'there is nothing to run or to serve: no services and no routes (add `services: { web: <command> }`, or routes with `files:`)',
    ],
  },
  {
    name: 'no services and no routes',
    text: 'app: x\nroutes: {}\n',
    says: [
      'there is nothing to run or to serve: no services and no routes (add `services: { web: <command> }`, or routes with `files:`)',
    ],
  },
  {
    name: 'one that asks for the URL of hosts that only redirect',
    text: 'app: x\nservices: { web: { run: y, env: { A: "${app.url}" } } }\nroutes: { a: { redirect: b } }\n',
    says: ['`${app.url}` has no value: no host of this app answers (add a route, or remove the reference)'],
  },
  {
    name: 'a reserved name',
    text: 'app: berth\nservices: { web: x }\n',
    says: ['the name `berth` is kept for Berth itself (choose another)'],
  },
  {
    name: 'a name that is too long',
    text: `app: ${'a'.repeat(31)}\nservices: { web: x }\n`,
    says: [
      `expected a name of 1 to 30 lower-case letters, digits and hyphens, beginning with a letter, not \`${'a'.repeat(31)}\``,
    ],
  },
  {
    name: 'a name that is a number',
    text: 'app: 7\nservices: { web: x }\n',
    says: ['expected a name of 1 to 30 lower-case letters, digits and hyphens, beginning with a letter, not `7`'],
  },
  {
    name: 'routes without a value',
    text: 'app: x\nservices: { web: x }\nroutes:\n',
    says: ['expected a mapping of host names to what they answer, not nothing'],
  },
  {
    name: 'a held command without a handover',
    text: 'app: x\nservices: { web: x }\nrelease: { run: y, when: held }\n',
    says: [
      '`when: held` runs between the exit of an old instance and the start of the new one, but no service here is switched that way (add `switch: handover` to the service that owns the data, or write `when: before`)',
    ],
  },
  {
    name: 'a file of more than 256 KB',
    text: `app: x\n# ${'x'.repeat(256 * 1024)}`,
    says: ['the file is larger than 256 KB, which no manifest needs (is it the right file?)'],
  },
  {
    name: 'a billion laughs',
    text: `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\nservices: { web: *d }\napp: x\n`,
    says: [],
  },
  {
    name: 'merge keys',
    text: 'app: x\nservices: { web: { run: y, <<: { instances: 2 } } }\n',
    says: ['unknown key `<<` (known here: run, instances, switch, health, stop, limits, env, secrets, listen, needs)'],
  },
  {
    name: 'a key to the prototype',
    text: 'app: x\nservices: { web: { run: y, __proto__: { instances: 2 } } }\n',
    says: ['this name is reserved'],
  },
  {
    name: 'a service that shares a name with a method',
    text: 'app: x\nservices: { web: { run: y, needs: [constructor] } }\n',
    says: ['there is no service or store `constructor`'],
  },
];
for (const { name, text, says } of wholes) {
  test(`a manifest may not be ${name}`, () => {
    const said = sayings(problemsOf(text));
    if (says.length > 0) assert.deepEqual(said, says);
    else assert.ok(said.includes('the aliases of this file repeat too much (write the values out)'), said.join('\n'));
  });
}

test('every mistake is reported at once, in the order of the text, each with its place', () => {
  const text =
    'app: Pad\nservices:\n  web:\n    run: x\n    instnces: 2\n    needs: [nobody]\n    stop: { within: soon }\nroutes:\n  pad: wbe\n';
  assert.deepEqual(
    problemsOf(text).map(({ line, column, path, text: at }) => [line, column, path, at]),
    [
      [1, 6, 'app', 'Pad'],
      [5, 5, 'services.web.instnces', 'instnces'],
      [6, 13, 'services.web.needs[0]', 'nobody'],
      [7, 21, 'services.web.stop.within', 'soon'],
      [9, 8, 'routes.pad', 'wbe'],
    ],
  );
});

test('a mistake in one service does not hide it from the others', () => {
  const text =
    'app: x\nservices:\n  api: { instances: 0 }\n  web: { run: y, needs: [api], env: { API: "${services.api.url}" } }\nroutes: { x: api }\n';
  assert.deepEqual(sayings(problemsOf(text)), [
    '`run` is missing: a shell command',
    'expected a number of instances from 1 to 64, not `0`',
  ]);
});

test('problems as an error are listed line by line, and kept in its fields', () => {
  const problems = problemsOf('app: Pad\nservices: { web: { run: x, instnces: 2 } }\n');
  const error = manifestInvalid(problems);
  assert.ok(error instanceof BerthError);
  assert.equal(error.code, 'MANIFEST_INVALID');
  assert.equal(
    error.message,
    'the manifest has 2 mistakes:\n' +
      '  berth.yaml:1:6: expected a name of 1 to 30 lower-case letters, digits and hyphens, beginning with a letter, not `Pad` (write `pad`)\n' +
      '  berth.yaml:2:28: unknown key `instnces` (did you mean `instances`?)',
  );
  assert.deepEqual(error.fields['problems'], problems);
});

test('an error of very many problems stays readable', () => {
  const [problem] = problemsOf('app: Pad\n');
  assert.ok(problem);
  assert.match(manifestInvalid(Array(100).fill(problem)).message, /and 80 more$/);
});
