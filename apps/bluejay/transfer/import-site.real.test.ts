import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import { createRandom, temporaryDirectory, waitUntil } from '@berth/testing';
import { exportSite } from './export-site.ts';
import { importSite } from './import-site.ts';
import { fillAtRandom, openSite, readTarFile, withoutTimeOfExport } from './testing/site.ts';

const COMMAND = path.join(import.meta.dirname, '..', 'command.ts');

for (const table of ['media_files', 'blog_posts', 'partners'])
  test(`an import that is killed when the first of ${table} are there is finished by the next, and nothing is doubled`, async () => {
    await using directory = await temporaryDirectory();
    await using site = await openSite(directory.join('one'));
    await fillAtRandom(site, createRandom(7), 12);
    const source = directory.join('one.tar.gz');
    await exportSite(site, { target: source });

    await (await openSite(directory.join('other')))[Symbol.asyncDispose]();
    const file = directory.join('other', 'site.db');
    const child = spawn(process.execPath, [COMMAND, 'import', source], {
      env: { DATABASE_PATH: file, UPLOADS_PATH: directory.join('other', 'uploads'), ENVIRONMENT: 'development' },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    const database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    const count = database.prepare(`SELECT count(*) AS n FROM ${table}`);
    await waitUntil(() => Number(count.get()?.['n']) > 0 || child.exitCode !== null, {
      what: `there are some of ${table}`,
      withinMs: 60_000,
    });
    database.close();
    child.kill('SIGKILL');
    const [, signal] = await ended;
    assert.equal(signal, 'SIGKILL', 'it was still at work');

    await using other = await openSite(directory.join('other'));
    const report = await importSite(other, { source });
    assert.equal(report.total('refused'), 0, report.lines().join('\n'));
    await exportSite(other, { target: directory.join('other.tar.gz') });
    assert.deepEqual(
      withoutTimeOfExport(await readTarFile(directory.join('other.tar.gz'))),
      withoutTimeOfExport(await readTarFile(source)),
    );
  });
