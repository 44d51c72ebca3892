import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestOf, problemsOf, sayings } from './expectations.ts';

const withStores = (stores: string): string => `app: pad\nservices: { web: node web.ts }\nstores: ${stores}\n`;

test('stores have a name, a kind and a place', () => {
  assert.deepEqual(manifestOf(withStores('{ db: { sqlite: data/pad.db }, user-files: { files: ./up/ } }')).stores, [
    { name: 'db', kind: 'sqlite', path: 'data/pad.db' },
    { name: 'user-files', kind: 'files', path: 'up' },
  ]);
});

const refused: { name: string; stores: string; says: string }[] = [
  { name: 'of no kind', stores: '{ db: {} }', says: 'what kind of store is this? (write { sqlite: db.db } or { files: db })' },
  {
    name: 'of both kinds',
    stores: '{ db: { sqlite: a, files: b } }',
    says: 'a store is either `sqlite` or `files`, not both (make it two stores)',
  },
  {
    name: 'of a kind to come',
    stores: '{ db: { postgres: 17 } }',
    says: '`postgres`: this version of Berth does not do PostgreSQL stores yet (remove it for now)',
  },
  {
    name: 'in short',
    stores: '{ db: sqlite }',
    says: 'expected a mapping with `sqlite` or `files`, such as { sqlite: app.db }, not `sqlite`',
  },
  {
    name: 'at an absolute path',
    stores: '{ db: { sqlite: /srv/pad.db } }',
    says: 'expected a relative path of plain characters, such as dist/assets, without `..`, not `/srv/pad.db`',
  },
  {
    name: 'outside',
    stores: '{ db: { sqlite: a/../../pad.db } }',
    says: 'expected a relative path of plain characters, such as dist/assets, without `..`, not `a/../../pad.db`',
  },
  { name: 'that is everything', stores: '{ up: { files: . } }', says: 'a store has a directory of its own (write `up`)' },
  {
    name: 'in the place of another',
    stores: '{ a: { sqlite: x.db }, b: { sqlite: ./x.db } }',
    says: '`x.db` overlaps the store `a` at `x.db` (give each store a place of its own)',
  },
  {
    name: 'inside another',
    stores: '{ a: { files: up }, b: { sqlite: up/x.db } }',
    says: '`up/x.db` overlaps the store `a` at `up` (give each store a place of its own)',
  },
  {
    name: 'with an underscore in its name',
    stores: '{ my_db: { sqlite: x.db } }',
    says: 'expected a store name of lower-case letters, digits and hyphens, beginning with a letter, at most 30 long, not `my_db` (write `my-db`)',
  },
];
for (const { name, stores, says } of refused) {
  test(`a store ${name} is refused`, () => assert.deepEqual(sayings(problemsOf(withStores(stores))), [says]));
}
