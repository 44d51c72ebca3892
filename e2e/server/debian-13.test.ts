/** The same command on a bare Debian 13, and one app. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Receipt } from '@berth/protocol';
import { ALL_PORTS, scanPorts, whyNoMachine } from '@berth/testing';
import { differences, footprintOf, purgePackages } from './footprint.ts';
import { visit } from './public-site.ts';
import { assertAllWell, DOMAIN, SERVER, ServerStory } from './server-story.ts';

const HELLO = join(import.meta.dirname, '../../examples/hello');
const ON = ['--on', SERVER];

test('a bare Debian 13 becomes a server, serves an app, and becomes bare again', { skip: whyNoMachine() ?? false }, async (t) => {
  await using story = await ServerStory.open('trixie');
  const { machine, laptop } = story;
  const before = await footprintOf(machine);

  const began = performance.now();
  assertAllWell(await laptop.try(story.adding, { withinMs: 600_000 }));
  t.diagnostic(`server add on Debian 13: ${((performance.now() - began) / 1_000).toFixed(1)} s`);

  const receipt = await laptop.json<Receipt>(['deploy', HELLO, ...ON]);
  assert.equal(receipt.ok, true);
  // No authority was named: the server's own vouches for it.
  const { stdout: root } = await machine.execOk(['sh', '-c', 'cat $(find /var/lib/berth/edge -path "*/authority/root.crt")']);
  const { status, body } = await visit({ host: `hello.${DOMAIN}`, address: machine.address, root });
  assert.deepEqual([status, body.trim()], [200, 'Hello from Berth']);
  assert.deepEqual(await scanPorts(machine.address, ALL_PORTS.slice(0, 500)), [22, 80, 443]);

  await laptop.berth(['server', 'rm', SERVER, '--purge', '--undo-hardening', '--yes'], { withinMs: 600_000 });
  await purgePackages(machine, before);
  assert.deepEqual(differences(before, await footprintOf(machine)), []);
});
