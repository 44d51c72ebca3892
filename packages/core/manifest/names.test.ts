import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostMistake, resolveHost, storeVariable } from './names.ts';

const hosts: [written: string, resolved: string][] = [
  ['@', 'example.com'],
  ['pad', 'pad.example.com'],
  ['Pad', 'pad.example.com'],
  ['pad.other.org', 'pad.other.org'],
  ['PAD.Other.ORG', 'pad.other.org'],
];
for (const [written, resolved] of hosts) {
  test(`the host "${written}" is ${resolved} on Example.com`, () => assert.equal(resolveHost(written, 'Example.com'), resolved));
}

const variables: [store: string, variable: string][] = [
  ['db', 'STORE_DB'],
  ['user-files', 'STORE_USER_FILES'],
];
for (const [store, variable] of variables) {
  test(`the path of the store ${store} is in ${variable}`, () => assert.equal(storeVariable(store), variable));
}

for (const host of [
  '@',
  'pad',
  'a',
  'pad.example.com',
  'Pad.Example.COM',
  'xn--bcher-kva.example',
  '1.example.com',
  `${'a'.repeat(63)}.com`,
]) {
  test(`"${host.slice(0, 30)}" is a host`, () => assert.equal(hostMistake(host), null));
}

const wrong: { host: string; suggestion: string | null }[] = [
  { host: '', suggestion: null },
  { host: '*.example.com', suggestion: 'name each host' },
  { host: 'https://pad.example.com', suggestion: 'write `pad.example.com`' },
  { host: 'pad.example.com:8443', suggestion: 'write `pad.example.com`' },
  { host: 'pad.example.com/', suggestion: 'write `pad.example.com`' },
  { host: 'pad.example.com.', suggestion: 'write `pad.example.com`' },
  { host: 'bücher.example', suggestion: 'write `xn--bcher-kva.example`' },
  { host: '127.0.0.1', suggestion: 'name a host, or reach the service by its `listen` port' },
  { host: 'under_score.example.com', suggestion: null },
  { host: '-pad', suggestion: null },
  { host: 'pad..example.com', suggestion: null },
  { host: `${'a'.repeat(64)}.com`, suggestion: null },
  { host: 'two words', suggestion: null },
];
for (const { host, suggestion } of wrong) {
  test(`"${host.slice(0, 30)}" is not a host`, () => assert.equal(hostMistake(host)?.suggestion, suggestion));
}
