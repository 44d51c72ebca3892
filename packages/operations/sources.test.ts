import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { test } from 'node:test';
import { createZstdCompress } from 'node:zlib';
import { temporaryDirectory } from '@berth/testing';
import { type Header, pack } from 'tar-stream';
import { checkPlace, receiveSource } from './sources.ts';

type Entry = Partial<Header> & { readonly name: string } & { readonly text?: string };

const archive = (entries: readonly Entry[]): Readable => {
  const tar = pack();
  for (const { text, ...header } of entries) tar.entry({ mtime: new Date(0), ...header }, text ?? '');
  tar.finalize();
  const compressed = createZstdCompress();
  pipeline(tar, compressed, () => {});
  return compressed;
};

const kit = (text: string): Entry => ({ name: 'packages/kit/index.js', text });
const app = (text = 'app: pad\n'): Entry => ({ name: 'apps/pad/berth.yaml', text });

const received = async (entries: readonly Entry[], directory?: string) => {
  await using kept = await temporaryDirectory();
  return await receiveSource(archive(entries), kept.path, directory);
};

test('the manifest is read where the app lies', async () => {
  const entries = [app(), { name: 'berth.yaml', text: 'app: another\n' }];
  assert.equal((await received(entries, 'apps/pad')).manifestText, 'app: pad\n');
  assert.equal((await received(entries)).manifestText, 'app: another\n');
});

test('the content address covers everything but the manifest of the app, and where the app lies', async () => {
  const digest = async (entries: readonly Entry[], directory = 'apps/pad') => (await received(entries, directory)).digest;
  const first = await digest([app(), kit('1')]);
  assert.equal(await digest([app('app: pad\nservices: {}\n'), kit('1')]), first);
  assert.notEqual(await digest([app(), kit('2')]), first);
  const both = [app(), { name: 'apps/blog/berth.yaml', text: 'app: blog\n' }];
  assert.notEqual(await digest(both), await digest(both, 'apps/blog'));
});

const directories = [
  '/etc',
  '..',
  '../apps',
  'apps/../pad',
  'apps/pad/',
  './apps',
  'apps//pad',
  '',
  'apps\\pad',
  'apps\npad',
  'apps/pad\0',
];
for (const directory of directories) {
  test(`the directory ${JSON.stringify(directory)} is refused`, async () => {
    await using kept = await temporaryDirectory();
    await assert.rejects(receiveSource(archive([app()]), kept.path, directory), { code: 'SOURCE_INVALID' });
    assert.deepEqual(await readdir(kept.path), []);
  });
}

test('a directory that the archive does not hold is refused', async () => {
  await assert.rejects(received([app()], 'apps/blog'), { code: 'SOURCE_INVALID', message: /has no apps\/blog\/berth\.yaml/ });
});

for (const name of ['apps', 'apps/pad']) {
  test(`a link at ${name}, on the way to the app, is refused`, async () => {
    const link: Entry = { name, type: 'symlink', linkname: 'packages' };
    await assert.rejects(received([link, app()], 'apps/pad'), { code: 'SOURCE_INVALID', message: /on the way/ });
    await assert.rejects(received([app(), link], 'apps/pad'), { code: 'SOURCE_INVALID', message: /on the way/ });
  });
}

const places = [
  { root: undefined, directory: '.', fits: true },
  { root: '.', directory: '.', fits: true },
  { root: '../..', directory: 'apps/pad', fits: true },
  { root: '..', directory: 'apps/pad', fits: false },
  { root: '../..', directory: '.', fits: false },
  { root: undefined, directory: 'apps/pad', fits: false },
];
for (const { root, directory, fits } of places) {
  test(`source.root ${root ?? 'of nothing'} ${fits ? 'fits' : 'does not fit'} an app in ${directory}`, () => {
    const check = () => checkPlace(root === undefined ? {} : { source: { root, include: null } }, directory);
    if (fits) check();
    else assert.throws(check, { code: 'SOURCE_INVALID' });
  });
}
