/** The whole app as a process: from an empty directory to a product on a page, killed, and started again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { picture } from '../media/testing/pictures.ts';
import { AppProcess } from './app-process.ts';
import type { PanelClient } from './panel-client.ts';

let app: AppProcess;
let panel: PanelClient;
before(async () => {
  app = await AppProcess.open();
  panel = await app.panel();
});
after(async () => {
  panel?.[Symbol.dispose]();
  await app?.[Symbol.asyncDispose]();
});

test('what the administrator publishes by the forms of the panel is on the page at once, with its picture', async () => {
  const image = await panel.upload('radio.png', Uint8Array.from(await picture('png')), 'A radio on a desk');
  const category = await panel.create('product-categories', { 'field.name': 'Radios', 'field.description': 'All of them' });
  const product = await panel.create('products', {
    'field.name': 'Field radio',
    'field.sku': 'FR-1',
    'field.category': String(category),
    'field.description': '<p>Works underground.</p>',
    'field.primaryImage': String(image),
    status: 'published',
  });
  const page = await panel.page('/products/radios/field-radio');
  assert.match(page, /Works underground/);
  const [path = ''] = /\/uploads\/[^" ,]+/.exec(page) ?? [];
  const file = await panel.send(path);
  assert.equal(file.status, 200, path);
  assert.match(String(file.headers['content-type']), /^image\//);
  await panel.change('products', product, { 'field.tagline': 'For caves & “mines”', status: 'published' });
  assert.match(await panel.page('/products/radios/field-radio'), /For caves &amp; “mines”/);
});

test('what was answered with success survives the death of the process, and the session does, too', async () => {
  await panel.create('product-categories', { 'field.name': 'Lamps', 'field.description': 'Made just before the end' });
  await app.end('SIGKILL');
  await app.start();
  assert.match(await panel.page('/products'), /Lamps/);
  await panel.create('product-categories', { 'field.name': 'Ropes', 'field.description': 'Made after it' });
  assert.match(await app.command(['verify']), /Every file of the media library is there/);
});
