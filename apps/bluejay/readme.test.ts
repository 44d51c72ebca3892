/** `UPDATE_DOCS=1 node --test readme.test.ts` writes them anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { renderConfigurationTable, renderExampleFile } from '@berth/kit';
import { observe } from './metrics.ts';
import { VARIABLES } from './variables.ts';

const README = path.join(import.meta.dirname, 'README.md');
const EXAMPLE = path.join(import.meta.dirname, '.env.example');
const TABLE = /(?<=<!-- variables -->\n)[^]*?(?=<!-- \/variables -->)/;

test('the README and the example file name every variable as it is', () => {
  const table = `${renderConfigurationTable(VARIABLES).trim()}\n`;
  const example = renderExampleFile(VARIABLES);
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(
      README,
      readFileSync(README, 'utf8').replace(TABLE, () => table),
    );
    writeFileSync(EXAMPLE, example);
  }
  assert.equal(TABLE.exec(readFileSync(README, 'utf8'))?.[0], table);
  assert.equal(readFileSync(EXAMPLE, 'utf8'), example);
});

test('the README names every metric', async () => {
  const { metrics, stop } = observe({ walBytes: () => 0, diskFreeBytes: () => 0, diskBytes: () => 0 });
  const names = [...(await metrics.render()).matchAll(/^# TYPE (\w+)/gm)].map((match) => match[1] ?? '');
  stop();
  const readme = readFileSync(README, 'utf8');
  assert.ok(names.length > 15);
  assert.deepEqual(
    names.filter((name) => !readme.includes(`\`${name}\``)),
    [],
  );
});
