import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import { exec } from '@berth/host';
import { temporaryDirectory } from '@berth/testing';
import { renderConfiguration } from './haproxy/configuration.ts';
import { renderMap, renderMaps } from './haproxy/maps.ts';
import { BINARIES } from './testing/edge-fixture.ts';
import { around, large, small } from './testing/example-states.ts';

for (const [name, value] of Object.entries({ small, large })) {
  test(`HAProxy itself finds nothing wrong with the ${name} state`, {
    skip: !existsSync(BINARIES.haproxy) && 'HAProxy is not installed here',
  }, async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.join('live'));
    await mkdir(directory.join('run'));
    const files = {
      'haproxy.cfg': renderConfiguration(value, around),
      'certificates.list': '',
      ...Object.fromEntries(Object.entries(renderMaps(value)).map(([map, entries]) => [map, renderMap(entries)])),
    };
    for (const [file, text] of Object.entries(files))
      await writeFile(directory.join('live', file), text.replaceAll(' ssl crt-list certificates.list alpn h2,http/1.1', ''));
    await copyFile(new URL('./haproxy/edge.lua', import.meta.url), directory.join('live/edge.lua'));
    const { exitCode, stderr } = await exec([BINARIES.haproxy, '-c', '-C', directory.join('live'), '-f', 'haproxy.cfg']);
    assert.equal(exitCode, 0, stderr);
    assert.doesNotMatch(stderr, /WARNING/);
  });
}
