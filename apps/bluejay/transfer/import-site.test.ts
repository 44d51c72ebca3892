import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom, temporaryDirectory } from '@berth/testing';
import { exportSite } from './export-site.ts';
import { importSite } from './import-site.ts';
import { fillAtRandom, NOON, openSite, readTarFile, withoutTimeOfExport } from './testing/site.ts';

const exported = async (site: Awaited<ReturnType<typeof openSite>>, target: string) => {
  await exportSite(site, { target, withLeads: true });
  return withoutTimeOfExport(await readTarFile(target));
};

for (const seed of [1, 2, 3])
  test(`a site that was exported, imported and exported again is the same to the byte (seed ${seed})`, async () => {
    await using directory = await temporaryDirectory();
    await using site = await openSite(directory.join('one'));
    await fillAtRandom(site, createRandom(seed));
    const first = await exported(site, directory.join('one.tar.gz'));
    assert.ok([...first.keys()].filter((name) => name.startsWith('records/')).length > 25, 'there is nearly every type');

    await using other = await openSite(directory.join('other'), NOON + 86_400_000);
    const report = await importSite(other, { source: directory.join('one.tar.gz'), withLeads: true });
    assert.equal(report.total('refused'), 0, report.lines().join('\n'));
    const second = await exported(other, directory.join('other.tar.gz'));
    assert.deepEqual(second, first);

    const again = await importSite(other, { source: directory.join('one.tar.gz'), withLeads: true });
    assert.equal(again.total('created') + again.total('updated'), 0, again.lines().join('\n'));
    assert.deepEqual(await exported(other, directory.join('again.tar.gz')), first);
  });
