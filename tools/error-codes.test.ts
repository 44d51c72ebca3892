import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodes, strayErrorCodes } from './error-codes.ts';
import { renderErrorDocs } from './error-docs.ts';
import { readText } from './source-tree.ts';

const codes = errorCodes();

test('errors are built in errors.ts files alone', () => {
  assert.deepEqual(strayErrorCodes(), []);
});

test('a code is built by one package', () => {
  const twice = [...Map.groupBy(codes, ({ code }) => code)]
    .map(([code, uses]) => ({ code, files: [...new Set(uses.map(({ file }) => file))] }))
    .filter(({ files }) => files.length > 1);
  assert.deepEqual(twice, []);
});

test('every error says what it means and what to do', () => {
  assert.ok(codes.length > 20, `only ${codes.length} codes were found: the search is broken`);
  assert.deepEqual(
    codes.filter(({ message, hints }) => message === '' || hints.length === 0).map(({ code, file }) => `${code} in ${file}`),
    [],
  );
});

test('docs/errors.md lists the errors as they are in the source (npm run docs)', () => {
  const rows = (text: string): Set<string> => new Set(text.split('\n'));
  const written = rows(readText('docs/errors.md'));
  const wanted = rows(renderErrorDocs());
  assert.deepEqual(
    { missing: [...wanted.difference(written)], obsolete: [...written.difference(wanted)] },
    { missing: [], obsolete: [] },
  );
});
