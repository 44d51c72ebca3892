import assert from 'node:assert/strict';
import { test } from 'node:test';
import { manifestOf, problemsOf, sayings } from './expectations.ts';

const withSource = (source: string): string => `app: pad\nservices: { web: node web.ts }\nsource: ${source}\n`;

const accepted: { source: string; is: object }[] = [
  { source: '{ root: ../.. }', is: { root: '../..', include: null } },
  { source: '{ root: ../ }', is: { root: '..', include: null } },
  { source: '{ root: ., include: [] }', is: { root: '.', include: [] } },
  {
    source: '{ root: .., include: [./package.json, packages/kit/] }',
    is: { root: '..', include: ['package.json', 'packages/kit'] },
  },
];
for (const { source, is } of accepted) {
  test(`source: ${source} is understood`, () => assert.deepEqual(manifestOf(withSource(source)).source, is));
}

test('without the key a manifest says nothing of its source', () => {
  assert.ok(!('source' in manifestOf('app: pad\nservices: { web: node web.ts }\n')));
});

const wayUp = 'the way up to the top of the repository: `..`, `../..` and so on';
const below = 'a file or directory below `root`, such as packages/kit';
const refused: { source: string; says: string }[] = [
  { source: '{ root: /srv/repository }', says: `expected ${wayUp}, not \`/srv/repository\`` },
  { source: '{ root: ../other }', says: `expected ${wayUp}, not \`../other\`` },
  { source: '{ root: packages }', says: `expected ${wayUp}, not \`packages\`` },
  { source: '{ root: ../apps/.. }', says: `expected ${wayUp}, not \`../apps/..\`` },
  { source: '{ include: [packages/kit] }', says: `\`root\` is missing: ${wayUp}` },
  { source: '{ root: .., include: [../secret] }', says: `expected ${below}, not \`../secret\`` },
  { source: '{ root: .., include: [/etc] }', says: `expected ${below}, not \`/etc\`` },
];
for (const { source, says } of refused) {
  test(`source: ${source} is refused`, () => {
    const found = sayings(problemsOf(withSource(source)));
    assert.equal(found.length, 1);
    assert.ok(found[0]?.includes(says), found[0]);
  });
}
