import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareManifests } from './compare-manifests.ts';
import { exampleManifest } from './manifest/example.ts';
import { manifestOf } from './manifest/expectations.ts';

const edit = (find: string, replace: string): string => {
  assert.ok(exampleManifest.includes(find), `the example has ${find}`);
  return exampleManifest.replace(find, replace);
};

const cases: { name: string; after: string; lines: string[] }[] = [
  { name: 'nothing', after: exampleManifest, lines: [] },
  { name: 'layout and comments', after: `# a comment\n\n${exampleManifest}`, lines: [] },
  { name: 'the build', after: edit('npm ci && npm run build', 'make'), lines: ['build npm ci && npm run build → make'] },
  {
    name: 'what of the repository is sent',
    after: edit(', packages/kit]', ']'),
    lines: ['source ../.. with package.json, package-lock.json, packages/kit → ../.. with package.json, package-lock.json'],
  },
  {
    name: 'an app that is sent alone',
    after: edit('source: {', '#source: {'),
    lines: ['source ../.. with package.json, package-lock.json, packages/kit → none'],
  },
  {
    name: 'the release command',
    after: edit('when: held', 'when: before'),
    lines: ['release node migrate.ts (held) → node migrate.ts (before)'],
  },
  { name: 'instances', after: edit('instances: 2', 'instances: 3'), lines: ['services.render.instances 2 → 3'] },
  {
    name: 'a changed variable, without its value',
    after: edit('EXPIRY_DAYS: 7', 'EXPIRY_DAYS: 8'),
    lines: ['services.web.env EXPIRY_DAYS changed'],
  },
  {
    name: 'added and removed variables',
    after: edit('EXPIRY_DAYS: 7', 'LOG_LEVEL: debug'),
    lines: ['services.web.env EXPIRY_DAYS removed', 'services.web.env LOG_LEVEL added'],
  },
  {
    name: 'a variable called constructor',
    after: edit('EXPIRY_DAYS: 7', 'EXPIRY_DAYS: 7\n      constructor: x'),
    lines: ['services.web.env constructor added'],
  },
  { name: 'a limit', after: edit('512MB', '1GiB'), lines: ['services.web.limits.memory 512MB → 1GiB'] },
  {
    name: 'a limit that goes',
    after: edit('cpu: 1', 'files: 1024'),
    lines: ['services.web.limits.cpu 1 → none', 'services.web.limits.files 65536 → 1024'],
  },
  { name: 'health', after: edit('health: /healthz', 'health: tcp'), lines: ['services.render.health /healthz → tcp'] },
  { name: 'times', after: edit('start: 30s', 'start: 2m'), lines: ['services.web.health.start 30s → 2m'] },
  {
    name: 'a secret',
    after: edit('[SESSION_SECRET]', '[SESSION_SECRET, API_KEY]'),
    lines: ['services.web.secrets: added API_KEY'],
  },
  {
    name: 'how a secret is given',
    after: edit('[SESSION_SECRET]', '{ SESSION_SECRET: { as: file } }'),
    lines: ['services.web.secrets.SESSION_SECRET.as env → file'],
  },
  { name: 'a new service', after: edit('  tidy:', '  chat: node chat.ts\n  tidy:'), lines: ['services: added chat'] },
  { name: 'a service that goes', after: edit('  tidy: node tidy.ts', ''), lines: ['services: removed tidy'] },
  {
    name: 'a new path',
    after: edit('    /: web', '    /: web\n    /api/: render'),
    lines: ['routes: added pad.example.com/api/'],
  },
  {
    name: 'where a path leads',
    after: edit('    /: web', '    /: render'),
    lines: ['routes: pad.example.com/ service web → service render'],
  },
  {
    name: 'a rate',
    after: edit('rate: 5/min', 'rate: 9/min'),
    lines: ['routes: pad.example.com/api/document/ limit 5/1m burst 5 → 9/1m burst 5'],
  },
  {
    name: 'the cache of files',
    after: edit('cache: 1y', 'cache: none'),
    lines: ['routes: pad.example.com/uploads/ files ${stores.uploads} (cache 1y) → files ${stores.uploads} (cache none)'],
  },
  { name: 'headers of a host', after: edit('DENY', 'SAMEORIGIN'), lines: ['routes: pad.example.com headers changed'] },
  {
    name: 'a host that redirects elsewhere',
    after: edit('{ redirect: pad.example.com }', '{ redirect: "@" }'),
    lines: ['routes: www.pad.example.com redirect to pad.example.com → redirect to @'],
  },
  {
    name: 'a store',
    after: edit('uploads: { files: uploads }', 'uploads: { files: up }'),
    lines: ['stores.uploads files uploads → files up'],
  },
  {
    name: 'backups',
    after: edit('keep: 90d, files: 15m, drill: daily, check: node check-data.ts', 'keep: 1y, drill: never'),
    lines: [
      'backup.keep 90d → 1y',
      'backup.files 15m → 1h',
      'backup.drill every 1d → never',
      'backup.check node check-data.ts → none',
    ],
  },
];

for (const { name, after, lines } of cases) {
  test(`changes shown: ${name}`, () => assert.deepEqual(compareManifests(manifestOf(exampleManifest), manifestOf(after)), lines));
}
