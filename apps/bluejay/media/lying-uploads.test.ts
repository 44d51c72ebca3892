import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ContentError } from '../content/errors.ts';
import { openTestLibrary } from './testing/library.ts';
import { gifOfSize, officeOf, pngOfSize, zipOf } from './testing/hostile-files.ts';
import { PDF, picture } from './testing/pictures.ts';

const JPEG = await picture('jpeg');
const GIF = await picture('gif');
const PNG = await picture('png');

type Lie = { readonly name: string; readonly content: Buffer | string; readonly says: RegExp; readonly code?: string };

/** What is sent, and the sentence it is refused with. */
const LIES: readonly Lie[] = [
  { name: 'page.png', content: '<!doctype html><html><script>alert(1)</script>', says: /looks like HTML, calls itself PNG/ },
  { name: 'page.html', content: '<!doctype html><html><script>alert(1)</script>', says: /looks like HTML/ },
  { name: 'page.txt', content: 'hello\n<script>alert(1)</script>', says: /looks like HTML, calls itself TXT/ },
  { name: 'table.csv', content: 'a,b\n"<img src=x onerror=alert(1)>",2', says: /looks like HTML, calls itself CSV/ },
  { name: 'page.pdf', content: '<html><body>no', says: /looks like HTML, calls itself PDF/ },
  { name: 'feed.txt', content: '<?xml version="1.0"?><x/>', says: /looks like XML/ },
  {
    name: 'page.xml',
    content: '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script/></html>',
    says: /looks like XML/,
  },
  { name: 'run.txt', content: '#!/bin/sh\nrm -rf /', says: /looks like a program/ },
  { name: 'run.php', content: '<?php system($_GET[0]);', says: /looks like a program/ },
  { name: 'run.js', content: 'alert(1)', says: /plain text, calls itself JS/ },
  { name: 'setup.exe', content: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(300, 1)]), says: /looks like EXE/ },
  {
    name: 'setup.pdf',
    content: Buffer.concat([Buffer.from('MZ'), Buffer.alloc(300, 1)]),
    says: /looks like EXE, calls itself PDF/,
  },
  { name: 'program', content: Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(300, 1)]), says: /looks like ELF/ },
  { name: 'drawing.pdf', content: '<svg xmlns="http://www.w3.org/2000/svg"/>', says: /SVG drawing, but calls itself PDF/ },
  { name: 'drawing.txt', content: '<svg xmlns="http://www.w3.org/2000/svg"/>', says: /SVG drawing, but calls itself TXT/ },
  { name: 'photo.png', content: JPEG, says: /JPEG picture, but calls itself PNG/ },
  { name: 'photo.pdf', content: JPEG, says: /JPEG picture, but calls itself PDF/ },
  { name: 'photo.svg', content: PNG, says: /PNG picture, but calls itself SVG/ },
  { name: 'photo.jpg.html', content: JPEG, says: /JPEG picture, but calls itself HTML/ },
  { name: 'photo', content: JPEG, says: /JPEG picture, but its name does not say so/ },
  { name: 'paper.jpg', content: PDF, says: /PDF document, but calls itself JPG/ },
  { name: 'archive.docx', content: zipOf({ 'a.txt': 'hello' }), says: /ZIP archive, but calls itself DOCX/ },
  { name: 'program.zip', content: zipOf({ 'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\n' }), says: /looks like JAR|ZIP/ },
  {
    name: 'macros.docx',
    content: officeOf('application/vnd.ms-word.document.macroEnabled.main+xml'),
    says: /looks like DOCM, calls itself DOCX/,
  },
  { name: 'empty.png', content: '', says: /empty/ },
  { name: 'noise.png', content: Buffer.from([0, 1, 2, 3, 250, 251, 0, 9]), says: /cannot be told, calls itself PNG/ },
  { name: 'noise.stl', content: Buffer.alloc(300, 7), says: /cannot be told, calls itself STL/ },
  { name: 'half.jpg', content: JPEG.subarray(0, JPEG.length / 2), says: /damaged or not complete/, code: 'MEDIA_BROKEN' },
  { name: 'head.png', content: PNG.subarray(0, 60), says: /damaged or not complete/, code: 'MEDIA_BROKEN' },
  { name: 'bomb.png', content: pngOfSize(30_000, 30_000), says: /megapixels|damaged/, code: 'MEDIA_BROKEN' },
  { name: 'bomb.gif', content: gifOfSize(60_000, 60_000), says: /megapixels|damaged|frames/, code: 'MEDIA_BROKEN' },
  { name: 'broken.svg', content: '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>', says: /well-formed/, code: 'MEDIA_BROKEN' },
  {
    name: 'entities.svg',
    content: '<!DOCTYPE svg [<!ENTITY a "&b;&b;">]><svg>&a;</svg>',
    says: /entities/,
    code: 'MEDIA_BROKEN',
  },
  {
    name: 'loop.svg',
    content: '<svg xmlns="http://www.w3.org/2000/svg"><g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>',
    says: /repeat each other/,
    code: 'MEDIA_BROKEN',
  },
  {
    name: 'wide.txt',
    content: Buffer.alloc(50 * 2 ** 20 + 1, 'a'),
    says: /too large: a document may have 50 MB/,
    code: 'MEDIA_TOO_LARGE',
  },
  {
    name: 'wide.jpg',
    content: Buffer.concat([JPEG, Buffer.alloc(10 * 2 ** 20)]),
    says: /too large: a picture may have 10 MB/,
    code: 'MEDIA_TOO_LARGE',
  },
];

for (const { name, content, says, code = 'MEDIA_NOT_ALLOWED' } of LIES)
  test(`${name} that begins with ${JSON.stringify(Buffer.from(content).subarray(0, 24).toString('latin1'))} is refused`, async () => {
    await using library = await openTestLibrary();
    await assert.rejects(library.add(name, content), (error) => {
      assert.ok(error instanceof ContentError, String(error));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, says);
      assert.match(error.message, new RegExp(`^“${name}” `));
      return true;
    });
    assert.deepEqual(library.files(), { incoming: [], originals: [], renditions: [], public: [] });
    assert.equal(library.media.list({}).total, 0);
  });

/** What is sent, and what it is found to be. */
const HONEST: readonly (readonly [name: string, content: Buffer | string, mimeType: string])[] = [
  ['photo.JPEG', JPEG, 'image/jpeg'],
  ['drawing.svg', '<?xml version="1.0"?>\n<!-- made by hand -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/svg+xml'],
  ['paper.pdf', PDF, 'application/pdf'],
  ['archive.zip', zipOf({ 'a.txt': 'hello' }), 'application/zip'],
  [
    'letter.docx',
    officeOf('application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml'),
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  ],
  ['notes.txt', 'Grüße, 2 < 3 and a > b\r\n', 'text/plain'],
  ['old.txt', Buffer.from('Gr\u00fc\u00dfe', 'latin1'), 'text/plain'],
  ['table.csv', '\uFEFFname,value\n"x",1\n', 'text/csv'],
  ['part.stp', 'ISO-10303-21;\nHEADER;\nENDSEC;\n', 'model/step'],
  ['part.stl', 'solid part\nfacet normal 0 0 0\n', 'model/stl'],
  ['binary.stl', Buffer.concat([Buffer.alloc(80), Buffer.from([2, 0, 0, 0]), Buffer.alloc(100)]), 'model/stl'],
];

for (const [name, content, mimeType] of HONEST)
  test(`${name} is taken as ${mimeType}`, async () => {
    await using library = await openTestLibrary();
    const file = await library.add(name, content);
    assert.deepEqual([file.mimeType, file.originalName], [mimeType, name]);
    assert.equal(library.files()['originals']?.length, 1);
    assert.deepEqual(library.files()['incoming'], []);
  });

test('a picture that is a page as well is only a picture afterwards', async () => {
  await using library = await openTestLibrary();
  const file = await library.add('both.gif', Buffer.concat([GIF, Buffer.from('<html><script>alert(1)</script>')]));
  await library.media.settled();
  const chunks: Buffer[] = [];
  for await (const chunk of library.media.open(file.id)) chunks.push(chunk as Buffer);
  assert.doesNotMatch(Buffer.concat(chunks).toString('latin1'), /script|html/);
});

test('names for people keep their letters and lose what deceives', async () => {
  await using library = await openTestLibrary();
  const cases = [
    ['../../etc/pass wd.txt', 'pass wd.txt'],
    ['C:\\Users\\me\\Größe.txt', 'Größe.txt'],
    ['harmless\u202Etxt.gpj.txt', 'harmlesstxt.gpj.txt'],
    ['line\r\nbreak\0.txt', 'linebreak.txt'],
    [`${'ä'.repeat(400)}.txt`, `${'ä'.repeat(150)}.txt`],
  ] as const;
  for (const [index, [given, kept]] of cases.entries())
    assert.equal((await library.add(given, `text ${index}`)).originalName, kept);
});

test('the same file is kept once, even when it is sent twice at the same moment', async () => {
  await using library = await openTestLibrary();
  const both = await Promise.all([library.add('one.jpg', JPEG), library.add('two.jpg', JPEG)]);
  const third = await library.add('three.jpg', JPEG);
  assert.equal(new Set([...both, third].map(({ id }) => id)).size, 1);
  await library.media.settled();
  assert.equal(library.files()['originals']?.length, 1);
  assert.equal(library.entries.length, 1);
});

test('a form that wants a picture takes no document', async () => {
  await using library = await openTestLibrary();
  await assert.rejects(library.add('paper.pdf', PDF, { accept: 'image' }), /it is a PDF document, and a picture is wanted/);
});
