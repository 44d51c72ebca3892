import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressKey, clientAddress, eachTrustedProxy, parseTrustedProxies } from './index.ts';

const trusted = parseTrustedProxies(['loopback', 'private', '2001:db8:aaaa::/48', '203.0.113.7']);

for (const { name, remote, header, client } of [
  { name: 'an untrusted peer says who it pleases', remote: '198.51.100.1', header: '1.1.1.1', client: '198.51.100.1' },
  { name: 'a trusted peer says nothing', remote: '127.0.0.1', header: undefined, client: '127.0.0.1' },
  { name: 'one proxy', remote: '127.0.0.1', header: '198.51.100.1', client: '198.51.100.1' },
  {
    name: 'a client that wrote the header itself',
    remote: '127.0.0.1',
    header: '127.0.0.1, 6.6.6.6, 198.51.100.1',
    client: '198.51.100.1',
  },
  { name: 'a chain of proxies', remote: '::1', header: '6.6.6.6, 198.51.100.1, 203.0.113.7, 10.1.2.3', client: '198.51.100.1' },
  { name: 'only trusted ones', remote: '127.0.0.1', header: '10.0.0.9, 10.0.0.1', client: '10.0.0.9' },
  { name: 'an IPv4-mapped peer', remote: '::ffff:127.0.0.1', header: '::FFFF:c633:6401', client: '198.51.100.1' },
  { name: 'IPv6 in any spelling', remote: '127.0.0.1', header: '2001:DB8:0:0:0:0:0:1', client: '2001:db8::1' },
  { name: 'ports and brackets', remote: '127.0.0.1', header: '[2001:db8::1]:443, 10.0.0.1:8080', client: '2001:db8::1' },
  { name: 'empty hops', remote: '127.0.0.1', header: ' , 198.51.100.1 , , ', client: '198.51.100.1' },
  { name: 'garbage at the right', remote: '127.0.0.1', header: '6.6.6.6, unknown', client: '127.0.0.1' },
  { name: 'garbage in the middle', remote: '127.0.0.1', header: '6.6.6.6, <script>, 10.0.0.1', client: '10.0.0.1' },
  { name: 'numbers that only look like an address', remote: '127.0.0.1', header: '999.1.1.1', client: '127.0.0.1' },
  { name: 'a long header', remote: '127.0.0.1', header: `${'6.6.6.6,'.repeat(5000)}198.51.100.1`, client: '198.51.100.1' },
  { name: 'several headers', remote: '127.0.0.1', header: ['6.6.6.6', '198.51.100.1, 10.0.0.1'], client: '198.51.100.1' },
  { name: 'a unix socket, untrusted', remote: undefined, header: '198.51.100.1', client: 'unknown' },
])
  test(`the client behind ${name}`, () => {
    assert.equal(clientAddress(remote, header, trusted), client);
  });

test('a peer on a unix socket is believed when told so', () => {
  const local = parseTrustedProxies(['unix', 'loopback']);
  assert.equal(clientAddress(undefined, '198.51.100.1', local), '198.51.100.1');
  assert.equal(clientAddress(undefined, undefined, local), 'unknown');
});

for (const [address, included] of [
  ['127.8.8.8', true],
  ['172.31.255.255', true],
  ['172.32.0.0', false],
  ['fd00::1', true],
  ['::ffff:10.0.0.1', true],
  ['2001:db8:aaaa:1::1', true],
  ['2001:db8:aaab::1', false],
  ['203.0.113.8', false],
  ['fe80::1%eth0', false],
  ['', false],
  ['localhost', false],
] as const)
  test(`${JSON.stringify(address)} is ${included ? '' : 'not '}trusted`, () => {
    assert.equal(trusted.includes(address), included);
  });

for (const range of [
  '',
  '10.0.0.0/33',
  '::/129',
  '10.0.0/8',
  'example.com',
  '10.0.0.0/',
  '10.0.0.0/-1',
  '1.2.3.4/8/8',
  'Loopback',
  'constructor',
])
  test(`${JSON.stringify(range)} is no range`, () => {
    assert.throws(() => parseTrustedProxies([range]), TypeError);
    assert.match(eachTrustedProxy(range) ?? '', /an address/);
  });

for (const [address, key] of [
  ['198.51.100.1', '198.51.100.1'],
  ['::ffff:198.51.100.1', '198.51.100.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['1::', '1:0:0:0::/64'],
  ['64:ff9b::198.51.100.1', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
] as const)
  test(`${address} is counted as ${key}`, () => {
    assert.equal(addressKey(address), key);
  });
