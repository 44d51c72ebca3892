import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseManifest } from '@berth/core';
import { suggestManifest } from './suggested-manifest.ts';

const cases: { name: string; packageJson: string | null; files: string[]; says: string[] }[] = [
  { name: 'no package.json', packageJson: null, files: [], says: ['app: my-shop', 'run: node server.js'] },
  {
    name: 'a start script',
    packageJson: '{"name":"x","scripts":{"start":"node a.js"}}',
    files: ['package.json'],
    says: ['app: x', 'build: npm install', 'run: node a.js'],
  },
  {
    name: 'a start script that needs a shell',
    packageJson: '{"scripts":{"start":"A=1 node a && b"}}',
    files: ['package.json', 'package-lock.json'],
    says: ['build: npm ci', 'run: npm start'],
  },
  {
    name: 'a build script',
    packageJson: '{"scripts":{"build":"tsc"},"main":"dist/x.js"}',
    files: ['package-lock.json'],
    says: ['build: npm ci && npm run build', 'run: node dist/x.js'],
  },
  { name: 'an entry file', packageJson: '{}', files: ['package.json', 'server.ts'], says: ['run: node server.ts'] },
  { name: 'a package.json that is none', packageJson: '[1', files: ['index.js'], says: ['app: my-shop', 'run: node index.js'] },
];
for (const { name, packageJson, files, says } of cases) {
  test(`${name} gives a manifest that is right`, () => {
    const text = suggestManifest('/srv/My Shop', packageJson, new Set(files));
    for (const line of says) assert.ok(text.includes(line), `${line} in\n${text}`);
    assert.deepEqual(parseManifest(text, { file: 'berth.yaml' }).ok, true, text);
  });
}
