import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDestination } from './destination.ts';
import { parseSshConfiguration } from './ssh-configuration.ts';

/** As `ssh -G shop` prints it, cut. */
const printed = `user ada
hostname 203.0.113.7
port 2222
hashknownhosts yes
identityfile ~/.ssh/id_ed25519
globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2
userknownhostsfile /home/ada/.ssh/known_hosts /home/ada/.ssh/known_hosts2
proxyjump bastion.example.com
`;

test('what the user’s configuration makes of a name', () =>
  assert.deepEqual(parseSshConfiguration(printed, parseDestination('shop')), {
    ...{ host: '203.0.113.7', user: 'ada', port: '2222', through: 'bastion.example.com' },
    knownHosts: ['/home/ada/.ssh/known_hosts', '/home/ada/.ssh/known_hosts2'],
  }));

test('where it says nothing, the destination is as it was written', () =>
  assert.deepEqual(parseSshConfiguration('userknownhostsfile /dev/null\n', parseDestination('root@shop', { port: 22 })), {
    ...{ host: 'shop', user: 'root', port: '22', through: null, knownHosts: [] },
  }));
