import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileNameOf } from './download.ts';

for (const [id, language, expected] of [
  ['abc', 'python', 'abc.py'],
  ['stand-up notes', 'markdown', 'stand-up-notes.md'],
  ['../../etc/passwd', 'plaintext', 'etc-passwd.txt'],
  ['日本', 'go', '日本.go'],
  ['///', 'unheard-of', 'document.txt'],
  ['abc', 'dockerfile', 'Dockerfile'],
] as const)
  test(`${id} in ${language} is saved as ${expected}`, () => assert.equal(fileNameOf(id, language), expected));
