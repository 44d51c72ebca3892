import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { judge, machineOf, parseSeen, type Seen } from './preflight.ts';
import { renderPlan } from './plan.ts';

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, 'golden', `seen-${name}.txt`), 'utf8');
const seenOf = (text: string): Seen => {
  const seen = parseSeen(text);
  assert.ok(seen);
  return seen;
};
const bookworm = recorded('debian-12');
const nowS = 1_795_295_565;
/** The recorded machine with some lines changed; a line that is empty is left out. */
const withLines = (changes: Readonly<Record<string, string>>, more: readonly string[] = []): string =>
  bookworm
    .split('\n')
    .map((line) =>
      (line.split('\t')[0] ?? '') in changes ? `${line.split('\t')[0]}\t${changes[line.split('\t')[0] ?? '']}` : line,
    )
    .concat(more)
    .join('\n');

// Those of Debian were recorded; Ubuntu's is Debian's with what Ubuntu's own files and archive say.
describe('bare machines are fit', () => {
  for (const name of ['debian-12', 'debian-13', 'ubuntu-24.04'])
    test(name, () => {
      const findings = judge(seenOf(recorded(name)), { nowS: seenOf(recorded(name)).clockS });
      assert.deepEqual(
        findings.filter(({ state }) => state !== 'ok'),
        [],
      );
      assert.ok(findings.length >= 9);
    });
});

test('what was seen of a bare Debian 12', () => {
  const { os, machine, systemd, memoryMb, listens, apt, offered, berth } = seenOf(bookworm);
  assert.deepEqual([os.id, os.version, machine, systemd, memoryMb], ['debian', '12', 'x86_64', 252, 24_106]);
  assert.deepEqual(
    listens.map(({ port }) => port),
    [22],
  );
  assert.deepEqual([apt.reached, offered.haproxy], [true, '2.6.12-1+deb12u3']);
  assert.deepEqual(berth, { current: null, there: [], home: false, unit: null, command: null, stray: [] });
});

test('an answer that breaks off is none', () => {
  assert.equal(parseSeen(bookworm.replace('end\tyes\n', '')), undefined);
  assert.equal(parseSeen('This account is currently not available.\n'), undefined);
});

describe('a machine that is unfit says why', () => {
  const cases = [
    { name: 'another distribution', text: withLines({ 'os.id': 'fedora', 'os.version': '41' }), check: 'distribution' },
    { name: 'an old Debian', text: withLines({ 'os.version': '11' }), check: 'distribution' },
    { name: 'another processor', text: withLines({ machine: 'riscv64' }), check: 'machine' },
    { name: 'no systemd', text: withLines({ init: 'bash', systemd: '' }), check: 'systemd' },
    { name: 'no root', text: withLines({ uid: '1000' }), check: 'root' },
    { name: 'too little memory', text: withLines({ 'memory.kb': '400000' }), check: 'memory' },
    { name: 'too little disk', text: withLines({ 'disk.kb': '/var/lib 500000' }), check: 'disk' },
    {
      name: 'a web server',
      text: withLines({}, ['listens\t80 nginx 812 nginx: master process /usr/sbin/nginx']),
      check: 'port 80',
    },
    {
      name: 'HAProxy of somebody else',
      text: withLines({}, ['listens\t443 haproxy 812 /usr/sbin/haproxy -f /etc/haproxy/haproxy.cfg']),
      check: 'port 443',
    },
    { name: 'no way to its archive', text: withLines({ 'apt.reached': 'no' }), check: 'packages' },
    {
      name: 'an HAProxy that is too old',
      text: withLines({ 'package.offered': 'haproxy 2.4.24-0ubuntu0.22.04.1' }),
      check: 'packages',
    },
    { name: 'another command of that name', text: withLines({}, ['berth.command\t/opt/berth/berth']), check: 'Berth' },
    { name: 'a daemon beside systemd', text: withLines({}, ['berth.stray\t4242']), check: 'Berth' },
  ];
  for (const { name, text, check } of cases)
    test(name, () => {
      const unfit = judge(seenOf(text), { nowS }).filter(({ state }) => state === 'unfit');
      assert.deepEqual(
        unfit.map((finding) => finding.check),
        [check],
      );
      assert.ok((unfit[0]?.hint?.length ?? 0) > 10);
    });
});

test('Ubuntu 22.04 needs a newer HAProxy, and is told from where', () => {
  const text = withLines({ 'os.id': 'ubuntu', 'os.version': '22.04', 'package.offered': 'nginx 1.18' });
  const [unfit] = judge(seenOf(text), { nowS }).filter(({ state }) => state === 'unfit');
  assert.match(unfit?.hint ?? '', /ppa:vbernat\/haproxy/);
});

test('a clock that is wrong and a neighbour are noted, and keep nobody from anything', () => {
  const findings = judge(seenOf(withLines({}, ['has\tdocker'])), { nowS: nowS + 600 });
  assert.deepEqual(
    findings.filter(({ state }) => state !== 'ok').map(({ check, state, says }) => `${state} ${check}: ${says}`),
    ['note clock: it is 10 min behind this machine’s', 'note beside Berth: docker'],
  );
});

test('Berth’s own edge is no stranger', () => {
  const edge = 'listens\t80 haproxy 812 haproxy -W -f /var/lib/berth/edge/haproxy.cfg';
  const seen = seenOf(withLines({ 'berth.current': '0.1.0-7374e45a' }, [edge, 'berth.home\tyes', 'berth.unit\tactive']));
  assert.deepEqual(
    judge(seen, { nowS }).filter(({ state }) => state !== 'ok'),
    [],
  );
});

test('machines are called as Node calls them', () =>
  assert.deepEqual(['x86_64', 'aarch64', 'riscv64'].map(machineOf), ['linux-x64', 'linux-arm64', null]));

test('the plan of a first and of a second time', (t) => {
  const artifact = { id: '0.1.0-7374e45a', bytes: 49_201_223 };
  const first = renderPlan(seenOf(bookworm), {
    ...{ harden: true, domain: 'example.com', email: 'ops@example.com', artifact, uploaded: false },
  });
  const there = ['package.installed\thaproxy 2.6.12', 'package.installed\tnginx 1.22.1', 'berth.unit\tactive'];
  const second = renderPlan(seenOf(withLines({ 'berth.current': artifact.id }, there)), {
    ...{ harden: false, domain: null, email: null, artifact, uploaded: true },
  });
  const identity = { serializers: [(value: string) => value] };
  t.assert.fileSnapshot([...first, '', ...second, ''].join('\n'), join(import.meta.dirname, 'golden', 'plan.txt'), identity);
});
