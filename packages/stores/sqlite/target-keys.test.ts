import assert from 'node:assert/strict';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import { assignTargetKeys, vaultOfKey } from './target-keys.ts';

test('a target keeps its key for as long as it is there, and gets another one when it comes back', async () => {
  await using directory = await temporaryDirectory('stores-');
  const state = directory.join('state');
  const steps: readonly { vaults: string[]; keys: string[] }[] = [
    { vaults: ['aa'], keys: ['aa-1'] },
    { vaults: ['aa', 'bb'], keys: ['aa-1', 'bb-1'] },
    { vaults: ['bb', 'aa'], keys: ['bb-1', 'aa-1'] },
    { vaults: ['aa'], keys: ['aa-1'] },
    { vaults: ['aa', 'bb'], keys: ['aa-1', 'bb-2'] },
    { vaults: ['bb'], keys: ['bb-2'] },
    { vaults: ['aa', 'bb', 'cc'], keys: ['aa-2', 'bb-2', 'cc-1'] },
  ];
  for (const { vaults, keys } of steps) {
    const assigned = await assignTargetKeys(state, vaults);
    assert.deepEqual([...assigned.values()], keys);
    assert.deepEqual([...assigned.values()].map(vaultOfKey), vaults);
  }
});
