import assert from 'node:assert/strict';
import { test } from 'node:test';
import { appDirectory, toolDirectories } from './release-directory.ts';

test('an app that is its whole source lies at the top', () => {
  assert.equal(appDirectory('/builds/1', {}), '/builds/1');
  assert.deepEqual(toolDirectories('/builds/1', {}), ['/builds/1/node_modules/.bin']);
});

test('an app of a repository lies where it lies in it, and finds the tools of all directories above', () => {
  assert.equal(appDirectory('/builds/1', { directory: 'apps/pad' }), '/builds/1/apps/pad');
  assert.deepEqual(toolDirectories('/builds/1', { directory: 'apps/pad' }), [
    '/builds/1/apps/pad/node_modules/.bin',
    '/builds/1/apps/node_modules/.bin',
    '/builds/1/node_modules/.bin',
  ]);
});
