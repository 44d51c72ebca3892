import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { estimate, type Measured } from './estimate.ts';

const store = (name: string, changes: Partial<Measured> = {}): Measured => ({
  ...{ app: 'notes', store: name, bytes: 0, isNear: true },
  ...changes,
});
const drill = (ms: number) => ({
  app: 'notes',
  stores: [{ store: 'main', outcome: 'passed' as const, ms, bytes: 1, restoredAt: null, evidence: '' }],
});
const nothing = { parts: [], builds: 0, running: 0, drills: [] };

describe('an estimate', () => {
  const cases = [
    { name: 'of nothing is the start of the platform', request: nothing, ms: 2_000, how: /2 s and 1 s for each app/ },
    {
      name: 'goes by what was drilled',
      request: { ...nothing, parts: [store('main', { bytes: 9e9 })], drills: [drill(7_000)] },
      ms: 9_000,
      how: /^1 store as long as the last drill took/,
    },
    {
      name: 'assumes a rate for what never was, and says which',
      request: { ...nothing, parts: [store('main', { bytes: 200_000_000, isNear: false })] },
      ms: 13_000,
      how: /1 store at an assumed 20 MB\/s from S3/,
    },
    {
      name: 'is never shorter than the longest store',
      request: { ...nothing, parts: [store('main'), store('small'), store('large', { bytes: 600_000_000 })] },
      ms: 13_000,
      how: /3 stores at an assumed 60 MB\/s from a directory/,
    },
    {
      name: 'brings two stores back at a time',
      request: { ...nothing, parts: ['a', 'b', 'c', 'd'].map((name) => store(name)) },
      ms: 4_000,
      how: /4 stores/,
    },
    {
      name: 'names what it does not count',
      request: { ...nothing, parts: [store('files', { bytes: null })] },
      ms: 3_000,
      how: /1 store of unknown size not counted.*system packages not counted/,
    },
    {
      name: 'counts builds and apps',
      request: { ...nothing, builds: 2, running: 3 },
      ms: 10_000,
      how: /2\.5 s for each of 2 builds/,
    },
  ];
  for (const { name, request, ms, how } of cases)
    test(name, () => {
      const found = estimate(request);
      assert.equal(found.ms, ms);
      assert.match(found.how, how);
    });
});
