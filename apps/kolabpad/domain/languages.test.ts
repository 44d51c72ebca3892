import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languages } from '@codemirror/language-data';
import { DEFAULT_LANGUAGE, findLanguage, LANGUAGES, languageOfFile } from './languages.ts';

test('there are 80 languages, each with an id of its own, from abap to yaml', () => {
  assert.equal(new Set(LANGUAGES.map(({ id }) => id)).size, 80);
  assert.deepEqual([LANGUAGES[0]?.id, LANGUAGES.at(-1)?.id], ['abap', 'yaml']);
  assert.deepEqual(
    LANGUAGES.map(({ id }) => id),
    LANGUAGES.map(({ id }) => id).toSorted(),
  );
});

test('every language has a name and an extension that can stand in a file name', () => {
  for (const { id, name, extension } of LANGUAGES) {
    assert.match(name, /^\S+( \S+)*$/, id);
    assert.match(extension, /^[a-z0-9]+$/, id);
  }
});

test('a highlighter that is named exists', () => {
  const known = new Set(languages.map(({ name }) => name));
  const missing = LANGUAGES.filter(({ highlighter }) => highlighter !== null && !known.has(highlighter));
  assert.deepEqual(missing, []);
});

test('the default language is in the list, an unknown one is not', () => {
  assert.equal(findLanguage(DEFAULT_LANGUAGE)?.name, 'Plain text');
  assert.equal(findLanguage('klingon'), undefined);
});

for (const [file, id] of [
  ['main.py', 'python'],
  ['notes.MD', 'markdown'],
  ['schema.sql', 'sql'],
  ['Dockerfile', 'dockerfile'],
  ['compose.yml', 'yaml'],
  ['photo.jpeg', undefined],
  ['README', undefined],
] as const)
  test(`${file} is ${id ?? 'in no known language'}`, () => assert.equal(languageOfFile(file)?.id, id));
