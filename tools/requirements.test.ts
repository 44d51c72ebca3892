/** docs/requirements/*.json says what is true: its tests, steps and headings are there, and nothing is forgotten. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { readReplayedGuides } from './guide-steps.ts';
import {
  GUIDE_NAMES,
  GUIDES,
  headingAnchors,
  problemsOf,
  readRequirements,
  type Repository,
  type Requirement,
  requirementsOf,
} from './requirements.ts';
import { requirementsDocs } from './requirements-docs.ts';
import { readText, ROOT } from './source-tree.ts';
import { testTitles } from './test-titles.ts';

const tree: Repository = {
  textOf: (file) => (existsSync(path.join(ROOT, file)) ? readText(file) : null),
  replayed: readReplayedGuides(),
};

for (const guide of GUIDE_NAMES)
  test(`the requirements of ${guide} are all there, and what they name exists`, () => {
    assert.deepEqual(problemsOf(readRequirements(guide), GUIDES[guide], tree), []);
  });

test('no two requirements of a guide are the same sentence', () => {
  for (const guide of GUIDE_NAMES) {
    const texts = requirementsOf(readRequirements(guide)).map(({ text }) => text);
    assert.deepEqual(
      texts.filter((text, index) => texts.indexOf(text) !== index),
      [],
      guide,
    );
  }
});

for (const [file, text] of Object.entries(requirementsDocs()))
  test(`${file} says what the requirements and the replay say (npm run docs)`, () => {
    // Not assert.equal: the difference is better seen with git diff.
    assert.ok(readText(file) === text, `${file} is out of date; run: npm run docs`);
  });

const good: Requirement = {
  id: 'X-1',
  text: 'The thing does what it shall do.',
  by: 'Berth',
  evidence: ['a.test.ts › it works'],
};
const small: Repository = {
  textOf: (file) =>
    ({ 'a.test.ts': "test('it works', () => {});", 'a.md': '# One (and `two`): three\n```sh\n# no heading\n```\n' })[file] ??
    null,
  replayed: { kolabpad: { steps: ['up'], replayed: { up: 'process' }, left: {} } },
};
const problems = (changes: Partial<Requirement>, repository = small): readonly string[] =>
  problemsOf(
    { letter: 'X', title: '', about: '', sections: [{ heading: '', requirements: [{ ...good, ...changes }] }] },
    1,
    repository,
  );

test('a requirement whose test is there has no problem', () => assert.deepEqual(problems({}), []));

const renamed = (source: string): Repository => ({ ...small, textOf: (file) => (file === 'a.test.ts' ? source : null) });
const mutations: readonly { readonly name: string; readonly source: string }[] = [
  { name: 'renamed', source: "test('it works well', () => {});" },
  { name: 'commented out', source: "// test('it works', () => {});" },
  { name: 'skipped for good', source: "test.skip('it works', () => {});" },
  { name: 'only spoken of', source: "const text = 'it works';" },
];
for (const { name, source } of mutations)
  test(`a test that is ${name} is missed`, () => {
    assert.deepEqual(problems({}, renamed(source)), ['X-1: a.test.ts has no test “it works”']);
  });

const mistakes: readonly { readonly name: string; readonly changes: Partial<Requirement>; readonly problem: string }[] = [
  { name: 'an id of another guide', changes: { id: 'X-2' }, problem: 'X-1 is missing' },
  { name: 'a file that is not there', changes: { evidence: ['b.test.ts › it works'] }, problem: 'X-1: there is no b.test.ts' },
  { name: 'an answer without a test', changes: { evidence: [] }, problem: 'X-1: no test is named' },
  { name: 'an answer by a document alone', changes: { evidence: ['a.md#one-and-two-three'] }, problem: 'X-1: no test is named' },
  { name: 'a document that is none', changes: { by: 'documented' }, problem: 'X-1: no document is named' },
  {
    name: 'a heading that is not there',
    changes: { by: 'documented', evidence: ['a.md#no-heading'] },
    problem: 'X-1: a.md has no heading #no-heading',
  },
  {
    name: 'a step that did not run',
    changes: { evidence: ['step kolabpad/down'] },
    problem: 'X-1: step down of kolabpad was not replayed',
  },
  { name: 'a state that is none', changes: { by: 'done' as Requirement['by'] }, problem: 'X-1: “done” answers nothing' },
  { name: 'words that are no sentence', changes: { text: 'TLS' }, problem: 'X-1: its text is no sentence' },
  { name: 'no reason', changes: { by: 'not applicable', evidence: [] }, problem: 'X-1: it does not say why' },
  { name: 'evidence of what is not yet', changes: { by: 'not yet' }, problem: 'X-1: it is not yet, and names evidence' },
];
for (const { name, changes, problem } of mistakes)
  test(`found is ${name}`, () => assert.ok(problems(changes).includes(problem), problems(changes).join('; ')));

test('an id that is there twice is found', () => {
  const twice = { letter: 'X', title: '', about: '', sections: [{ heading: '', requirements: [good, good] }] };
  assert.deepEqual(problemsOf(twice, 1, small), ['X-1 is there twice']);
});

test('titles are read as they are written, in every kind of quotes', () => {
  const source = "test('it\\'s', f);\n  await t.test(\"two\", f);\nit(\n  `three ${name}`, f);\ntested('four');";
  assert.deepEqual(testTitles(source), ["it's", 'two', 'three ${name}']);
});

test('anchors are those of the forge', () => {
  assert.deepEqual(headingAnchors('# One (and `two`): three\n## Käse & Wein\n```\n# none\n```\n'), [
    'one-and-two-three',
    'käse--wein',
  ]);
});
