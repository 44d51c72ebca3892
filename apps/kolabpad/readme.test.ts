/** `UPDATE_DOCS=1 node --test readme.test.ts` writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { renderConfigurationTable, renderExampleFile } from '@berth/kit';
import { createMemoryStore } from './store/memory-store.ts';
import { silent } from './live/testing.ts';
import { openDocuments } from './live/open-documents.ts';
import { readEnvironment } from './env.ts';
import { observe } from './metrics.ts';
import { VARIABLES } from './variables.ts';

const README = path.join(import.meta.dirname, 'README.md');
const EXAMPLE = path.join(import.meta.dirname, '.env.example');
const TABLE = /(?<=<!-- variables -->\n)[^]*?(?=<!-- \/variables -->)/;

test('the README and the example file name every variable as it is', () => {
  const table = `${renderConfigurationTable(VARIABLES).trim()}\n`;
  const example = renderExampleFile(VARIABLES);
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(README, readFileSync(README, 'utf8').replace(TABLE, table));
    writeFileSync(EXAMPLE, example);
  }
  assert.equal(TABLE.exec(readFileSync(README, 'utf8'))?.[0], table);
  assert.equal(readFileSync(EXAMPLE, 'utf8'), example);
});

test('the README names every metric', async () => {
  const store = createMemoryStore({ now: () => new Date(), log: () => undefined });
  const { metrics, instruments, stop } = observe(() => documents.stats(), Date.now);
  const settings = readEnvironment({}).live;
  const documents = openDocuments({ store, settings, now: Date.now, log: silent, instruments, version: 'test' });
  const names = [...(await metrics.render()).matchAll(/^# TYPE kolabpad_(\w+)/gm)].map((match) => match[1] ?? '');
  stop();
  await documents.shutdown(100);
  const readme = readFileSync(README, 'utf8').replaceAll(
    /`(\w+)\{([\w,]+)\}(\w+)`/g,
    (_all, before: string, middle: string, after: string) =>
      middle
        .split(',')
        .map((word) => `\`${before}${word}${after}\``)
        .join(' '),
  );
  assert.ok(names.length > 30);
  assert.deepEqual(
    names.filter((name) => !readme.includes(`\`${name}\``)),
    [],
  );
});
