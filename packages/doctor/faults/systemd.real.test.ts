/** Faults of units, on a machine whose systemd runs berthd and every instance. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { execOk } from '@berth/host';
import type { Finding } from '@berth/protocol';
import { isInside, testInside, waitUntil } from '@berth/testing';
import { berth } from '../../../e2e/harness/command.ts';
import { finished } from '../../../e2e/harness/platform.ts';
import * as service from '../../../e2e/harness/service.ts';
import { archive, readSource, type SourceFiles } from '../../../e2e/harness/source.ts';
import { examine } from '../examine.ts';
import { says } from '../testing/patient.ts';

const source = readSource(join(import.meta.dirname, '../testing/patient'));

const faults = (): void => {
  let platform: service.Service;
  before(async () => {
    platform = await service.installService();
    await service.deploy(platform, source);
  });

  const deploy = async (files: SourceFiles) =>
    finished(platform.client, await platform.client.call('deploy', { body: archive({ ...source, ...files }), query: {} }));
  const look = () => examine({ home: service.HOME, uid: 0 });

  test('a machine that is well gets no finding, and the exposure of every unit is told', async () => {
    mkdirSync('/srv/backups', { mode: 0o700 });
    const { client } = platform;
    await client.call('addTarget', { body: { url: 'dir:/srv/backups', name: 'away' } });
    await client.call('kit', {});
    const isProtected = async (): Promise<boolean> =>
      (await client.call('app', { params: { app: 'patient' } })).stores.every(({ state }) => state === 'protected');
    await waitUntil(isProtected, { what: 'its stores were protected', withinMs: 60_000, everyMs: 500 });

    const { findings, blind, exposures } = await look();
    assert.deepEqual({ findings, blind }, { findings: [], blind: [] });
    assert.equal(exposures.length, 1);
    assert.ok((exposures[0]?.exposure ?? 10) <= 2, JSON.stringify(exposures));
    const typed = await berth(service.HOME, ['doctor']);
    assert.equal(typed.code, 0, typed.stdout);
    assert.match(typed.stdout, /systemd-analyze security patient-web-1-\w+\.service: (?:[01]\.\d|2\.0)/);
  });

  test('path-denied: a sandbox denies a path, and says which it does not', async () => {
    const server = `require('node:fs').writeFileSync('/var/lib/pictures.bin', 'x');${source['server.js']}`;
    const receipt = await deploy({ 'server.js': server });
    assert.equal(receipt.ok, false);
    const finding = receipt.findings?.find(({ rule }) => rule === 'path-denied');
    assert.ok(finding, JSON.stringify(receipt));
    says(finding, /EROFS|EACCES/, '/var/lib/pictures.bin', 'ProtectSystem=strict and ReadWritePaths=', '/apps/patient/stores/db');
    await deploy({ 'mended.txt': '' });
  });

  test('unit-exposed: a drop-in takes away what confines an app', async () => {
    const directory = '/etc/systemd/system/patient-.service.d';
    mkdirSync(directory);
    const lax = [
      'NoNewPrivileges=no',
      'ProtectSystem=no',
      'PrivateDevices=no',
      'RestrictNamespaces=no',
      'ProtectKernelTunables=no',
    ];
    writeFileSync(join(directory, 'lax.conf'), `[Service]\n${lax.join('\n')}\n`);
    await execOk(['systemctl', 'daemon-reload']);
    await finished(platform.client, await platform.client.call('restart', { params: { app: 'patient' }, body: {} }));
    const found = async (): Promise<Finding | undefined> => (await look()).findings.find(({ rule }) => rule === 'unit-exposed');
    const finding = await found();
    assert.ok(finding);
    says(finding, /patient-web-\d+-\w+\.service has an exposure of [2-9]/, 'systemctl cat');
    rmSync(directory, { recursive: true });
    await execOk(['systemctl', 'daemon-reload']);
    await finished(platform.client, await platform.client.call('restart', { params: { app: 'patient' }, body: {} }));
    assert.equal(await found(), undefined);
  });
};

if (isInside()) describe('on systemd', faults);
else
  testInside('the doctor on a Debian 12 whose systemd runs everything', fileURLToPath(import.meta.url), {
    suite: 'bookworm',
    packages: ['haproxy', 'nginx-light', 'procps', 'restic'],
  });
