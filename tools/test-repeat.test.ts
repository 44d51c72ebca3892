import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeatFailed } from './test-repeat.ts';
import type { FileResult, TestResult } from './test-result.ts';

const fileOf = (file: string, ...outcomes: TestResult['outcome'][]): FileResult => ({
  ...{ file, ms: 1, notes: [], output: '' },
  results: outcomes.map((outcome, line) => ({ file, line, name: `${file} ${line}`, outcome, ms: 1, detail: 'because' })),
});

const first = [fileOf('steady', 'passed'), fileOf('unsteady', 'failed', 'passed'), fileOf('broken', 'failed')];

test('files that failed run once more: what passes then is told, what fails again has failed', async () => {
  const ran: string[] = [];
  const { files, unsteady } = await repeatFailed(first, async (file) => {
    ran.push(file);
    return file === 'broken' ? fileOf(file, 'failed', 'failed') : fileOf(file, 'passed', 'passed');
  });
  assert.deepEqual(ran, ['unsteady', 'broken']);
  assert.deepEqual(
    files.map(({ file, results }) => [file, ...results.map(({ outcome }) => outcome)]),
    [
      ['steady', 'passed'],
      ['unsteady', 'passed', 'passed'],
      ['broken', 'failed', 'failed'],
    ],
  );
  assert.deepEqual(
    unsteady.map(({ name, outcome }) => [name, outcome]),
    [['unsteady 0', 'failed']],
  );
});

test('where much fails nothing runs again', async () => {
  const many = ['a', 'b', 'c', 'd'].map((file) => fileOf(file, 'failed'));
  const { files, unsteady } = await repeatFailed(many, () => Promise.reject(new Error('ran again')));
  assert.deepEqual([files, unsteady], [many, []]);
});
