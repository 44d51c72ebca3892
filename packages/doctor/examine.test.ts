import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { examine } from './examine.ts';
import type { Rule } from './finding.ts';

const rule = (id: string, probe: Rule['probe']): Rule => ({ id, area: 'platform', symptom: `it ${id}s`, looks: '', probe });

test('a rule that fails is told, and hides nothing of the others', async () => {
  await using home = await temporaryDirectory();
  const { findings, blind, looked, repairs } = await examine({
    home: home.path,
    uid: 0,
    rules: [
      rule('break', () => Promise.reject(new Error('no such file'))),
      rule('creak', async () => [{ severity: 'warning', evidence: ['a noise'], cause: 'rust', fix: 'oil', app: 'door' }]),
      rule('rest', async () => []),
    ],
  });
  assert.deepEqual(blind, [{ rule: 'break', reason: 'no such file' }]);
  assert.equal(looked, 2);
  assert.deepEqual(findings, [
    {
      rule: 'creak',
      severity: 'warning',
      app: 'door',
      symptom: 'it creaks',
      evidence: ['a noise'],
      cause: 'rust',
      fix: 'oil',
      repair: null,
    },
  ]);
  assert.deepEqual(repairs, [null]);
});

test('what takes minutes is left out unless it is asked for', async () => {
  await using home = await temporaryDirectory();
  const rules = [{ ...rule('crawl', async () => []), slow: true as const }];
  assert.equal((await examine({ home: home.path, uid: 0, rules })).looked, 0);
  assert.equal((await examine({ home: home.path, uid: 0, rules, slow: true })).looked, 1);
});
