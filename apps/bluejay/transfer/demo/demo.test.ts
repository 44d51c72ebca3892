import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryDirectory } from '@berth/testing';
import sharp from 'sharp';
import { recogniseFile } from '../../media/file-format.ts';
import { openSite } from '../testing/site.ts';
import { blogTag } from '../../types/index.ts';
import { PRODUCTS } from './catalogue.ts';
import { drawChart } from './drawing/chart.ts';
import { drawLogo, drawPortrait } from './drawing/emblem.ts';
import { drawPicture } from './drawing/picture.ts';
import { makeDemo } from './make-demo.ts';
import { makePdf } from './pdf.ts';

const drawings = (): readonly string[] => [
  ...PRODUCTS.map(({ sku, machine, tone }) =>
    drawPicture({ name: sku, tone, label: sku, scenes: [{ machine, x: 800, y: 760 }] }),
  ),
  ...(['wave', 'step', 'bars', 'dials', 'network'] as const).map((kind) => drawChart(kind, kind)),
  drawPortrait('Ada'),
  drawLogo('Nordtek 1-2'),
];

test('every drawing is sound, none is like another, and each is the same in every run', async () => {
  assert.equal(new Set(drawings()).size, drawings().length);
  assert.deepEqual(drawings(), drawings());
  for (const svg of drawings()) assert.doesNotMatch(svg, /NaN|undefined/);
  for (const svg of drawings().slice(0, 3)) assert.equal((await sharp(Buffer.from(svg)).metadata()).width, 1_600);
});

test('its documents are PDF, and their table of contents says where each object is', async () => {
  await using directory = await temporaryDirectory();
  const pdf = makePdf('Title (draft)', [
    { heading: 'One', paragraphs: ['a '.repeat(400), 'b\\c'] },
    { heading: 'Two', paragraphs: [] },
  ]);
  await writeFile(directory.join('x.pdf'), pdf);
  assert.equal((await recogniseFile(directory.join('x.pdf'), 'x.pdf')).mimeType, 'application/pdf');
  const text = pdf.toString('latin1');
  const places = [...text.matchAll(/^(\d{10}) 00000 n /gm)].map(([, place]) => Number(place));
  assert.equal(places.length, 8);
  for (const [index, place] of places.entries()) assert.ok(text.startsWith(`${index + 1} 0 obj`, place));
});

test('it is not mixed with content of somebody else', async () => {
  await using directory = await temporaryDirectory();
  await using site = await openSite(directory.join('site'));
  site.content.create(blogTag, { fields: { name: 'Mine' } }, null);
  await assert.rejects(makeDemo(site), /has content/);
});
