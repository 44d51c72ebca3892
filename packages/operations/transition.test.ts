import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleService, manifestOf } from './testing/manifests.ts';
import { planTransition, type TransitionRequest } from './transition.ts';

const base: TransitionRequest = {
  manifest: manifestOf([exampleService('web')]),
  scale: {},
  current: [],
  how: 'replace',
  only: null,
};
const running = (...ids: string[]) => ids.map((id) => ({ id, service: id.split('.')[0] ?? '' }));

const cases: { name: string; request: Partial<TransitionRequest>; expected: ReturnType<typeof planTransition> }[] = [
  {
    name: 'a first deploy adds and removes nothing',
    request: {},
    expected: [{ service: 'web', switch: 'rolling', add: 1, remove: [] }],
  },
  {
    name: 'a new release replaces every instance',
    request: { manifest: manifestOf([exampleService('web', { instances: 2 })]), current: running('web.a', 'web.b') },
    expected: [{ service: 'web', switch: 'rolling', add: 2, remove: ['web.a', 'web.b'] }],
  },
  {
    name: 'a scale set by hand wins over the manifest',
    request: { scale: { web: 3 }, current: running('web.a') },
    expected: [{ service: 'web', switch: 'rolling', add: 3, remove: ['web.a'] }],
  },
  {
    name: 'a handover needs somebody to take over from',
    request: { manifest: manifestOf([exampleService('web', { switch: 'handover' })]) },
    expected: [{ service: 'web', switch: 'rolling', add: 1, remove: [] }],
  },
  {
    name: 'a handover service with an owner is handed over',
    request: { manifest: manifestOf([exampleService('web', { switch: 'handover' })]), current: running('web.a') },
    expected: [{ service: 'web', switch: 'handover', add: 1, remove: ['web.a'] }],
  },
  {
    name: 'a service that the manifest dropped goes',
    request: { current: running('web.a', 'worker.b') },
    expected: [
      { service: 'web', switch: 'rolling', add: 1, remove: ['web.a'] },
      { service: 'worker', switch: 'rolling', add: 0, remove: ['worker.b'] },
    ],
  },
  {
    name: 'scaling up keeps what runs',
    request: { how: 'adjust', scale: { web: 3 }, current: running('web.a') },
    expected: [{ service: 'web', switch: 'rolling', add: 2, remove: [] }],
  },
  {
    name: 'scaling down takes the newest',
    request: { how: 'adjust', scale: { web: 1 }, current: running('web.a', 'web.b', 'web.c') },
    expected: [{ service: 'web', switch: 'rolling', add: 0, remove: ['web.b', 'web.c'] }],
  },
  {
    name: 'nothing to adjust is nothing to do',
    request: { how: 'adjust', current: running('web.a') },
    expected: [],
  },
  {
    name: 'a restart of one service leaves the others',
    request: {
      only: 'web',
      manifest: manifestOf([exampleService('web'), exampleService('worker')]),
      current: running('web.a', 'worker.b'),
    },
    expected: [{ service: 'web', switch: 'rolling', add: 1, remove: ['web.a'] }],
  },
];

for (const { name, request, expected } of cases) {
  test(name, () => assert.deepEqual(planTransition({ ...base, ...request }), expected));
}
