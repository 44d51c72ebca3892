import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicName } from '@berth/host';
import { covers, planCertificates } from './plan.ts';

test('public names are those that an authority could issue for', () => {
  const names: Record<string, boolean> = {
    'pad.example.com': true,
    'example.com': true,
    'xn--bcher-kva.example': false,
    'xn--bcher-kva.de': true,
    'a.b.c.d.co.uk': true,
    localhost: false,
    'pad.localhost': false,
    pad: false,
    '192.0.2.1': false,
    '2001:db8::1': false,
    'nas.local': false,
    'db.internal': false,
    'ci.test': false,
    'printer.lan': false,
    'router.home.arpa': false,
    'under_score.example.com': false,
    '-a.example.com': false,
    'a..com': false,
    'a.123': false,
    [`${'a'.repeat(64)}.com`]: false,
  };
  assert.deepEqual(Object.fromEntries(Object.keys(names).map((name) => [name, isPublicName(name)])), names);
});

test('a star stands for one label', () => {
  const cases: readonly [string, string, boolean][] = [
    ['a.example.com', 'a.example.com', true],
    ['*.example.com', 'a.example.com', true],
    ['*.example.com', 'a.b.example.com', false],
    ['*.example.com', 'example.com', false],
    ['*.example.com', 'aexample.com', false],
    ['a.example.com', 'b.example.com', false],
  ];
  for (const [name, host, is] of cases) assert.equal(covers(name, host), is, `${name} ${host}`);
});

test('which certificates there should be', async (t) => {
  const cases: readonly {
    name: string;
    hosts: string[];
    owned?: string[];
    wildcards?: string[];
    off?: true;
    wanted: string[];
  }[] = [
    {
      name: 'one per public host',
      hosts: ['b.example.com', 'a.example.com', 'a.example.com', 'pad.localhost'],
      wanted: ['a.example.com http', 'b.example.com http'],
    },
    { name: 'none while no authority is set', hosts: ['a.example.com'], off: true, wanted: [] },
    {
      name: 'none where there is one of one’s own',
      hosts: ['a.example.com', 'b.example.com', 'b.example.net'],
      owned: ['*.example.com', 'b.example.net'],
      wanted: [],
    },
    {
      name: 'one for a domain and what is right below it',
      hosts: ['example.com', 'a.example.com', 'a.b.example.com', 'other.example.net'],
      wildcards: ['example.com'],
      wanted: ['a.b.example.com http', 'example.com *.example.com dns', 'other.example.net http'],
    },
    {
      name: 'a domain also before any app uses it',
      hosts: [],
      wildcards: ['example.com'],
      wanted: ['example.com *.example.com dns'],
    },
  ];
  for (const { name, hosts, owned = [], wildcards = [], off, wanted } of cases) {
    await t.test(name, () => {
      const plan = planCertificates({ hosts, owned, acme: off ? null : { wildcards } });
      assert.deepEqual(
        plan.map(({ names, proof }) => [...names, proof].join(' ')),
        wanted,
      );
      assert.deepEqual(
        plan.map(({ id, names }) => id === names[0]),
        plan.map(() => true),
      );
    });
  }
});
