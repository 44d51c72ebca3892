import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, nearest } from './suggestion.ts';

const keys = ['run', 'instances', 'switch', 'health', 'stop', 'limits', 'env', 'secrets', 'listen', 'needs'];

const cases: { word: string; meant: string | null; why: string }[] = [
  { word: 'instnces', meant: 'instances', why: 'a letter is missing' },
  { word: 'helath', meant: 'health', why: 'two letters are swapped' },
  { word: 'Secrets', meant: 'secrets', why: 'case does not matter' },
  { word: 'secret', meant: 'secrets', why: 'it is the beginning of it' },
  { word: 'environment', meant: 'env', why: 'it is called so elsewhere' },
  { word: 'comand', meant: 'run', why: 'it is nearly called so elsewhere' },
  { word: 'replicas', meant: 'instances', why: 'it is called so elsewhere' },
  { word: 'colour', meant: null, why: 'nothing is close' },
  { word: 'x', meant: null, why: 'one letter says nothing' },
  { word: '', meant: null, why: 'there is nothing to compare' },
  { word: 'a'.repeat(100_000), meant: null, why: 'it is no word' },
  { word: 'constructor', meant: null, why: 'a name from the prototype is no synonym' },
];
for (const { word, meant, why } of cases) {
  test(`"${word.slice(0, 20)}" means ${meant ?? 'none of the keys'}: ${why}`, () => assert.equal(nearest(word, keys), meant));
}

test('a suggestion is a question', () => assert.equal(didYouMean('instnces', keys), 'did you mean `instances`?'));
