import assert from 'node:assert/strict';
import path from 'node:path';
import { describe, test } from 'node:test';
import { PHASES, testFilesOf } from './test-phases.ts';

const root = path.resolve(import.meta.dirname, '..');

describe('the files of a phase', () => {
  for (const phase of PHASES)
    test(`of ${phase.name} begin with those that are named first, and every name is of some`, () => {
      const files = testFilesOf(phase, root);
      const isOf = (file: string) => phase.first.findIndex((beginning) => file.startsWith(beginning));
      const named = files.map(isOf).filter((turn) => turn >= 0);
      assert.deepEqual(
        files.slice(0, named.length).map(isOf),
        named.toSorted((a, b) => a - b),
      );
      assert.deepEqual(
        phase.first.filter((_, turn) => !named.includes(turn)),
        [],
      );
    });
});
