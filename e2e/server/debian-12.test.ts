/**
 * From a bare Debian 12 to a hardened host with two apps, real certificates and a firewall, all of it from a laptop; then
 * through a reboot and a pulled plug, and back to a bare machine.
 */
import assert from 'node:assert/strict';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { execOk } from '@berth/host';
import type { PlatformStatus, Receipt } from '@berth/protocol';
import { ALL_PORTS, scanPorts, startPebble, waitUntil, whyNoMachine, whyNoPebble } from '@berth/testing';
import { npmSettings } from '../harness/npm-settings.ts';
import { cloneKolabpad } from '../kolabpad/clone.ts';
import { Crowd } from '../kolabpad/crowd.ts';
import { Publications } from '../verdaccio/publications.ts';
import { addUser } from '../verdaccio/registry-client.ts';
import { differences, footprintOf, purgePackages } from './footprint.ts';
import { knockWith, secondAddress } from './intruder.ts';
import { startNameServer } from './name-server.ts';
import { visit, type Site } from './public-site.ts';
import { assertAllWell, DOMAIN, SERVER, ServerStory } from './server-story.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/verdaccio');
const ON = ['--on', SERVER];
const CERTIFICATE_MS = 60_000;
const BACK_MS = 120_000;

test('a bare Debian 12 becomes a server, serves, comes back by itself, and becomes bare again', {
  skip: whyNoMachine() ?? whyNoPebble() ?? false,
}, async (t) => {
  await using stack = new AsyncDisposableStack();
  const story = stack.use(await ServerStory.open('bookworm'));
  const { machine, laptop } = story;
  const pebble = stack.use(await startPebble({ httpPort: 80, address: machine.hostAddress }));
  const { hostAddress: address } = machine;
  stack.use(await startNameServer({ address, domain: DOMAIN, authority: pebble.dns.address }));
  writeFileSync(join(machine.root, 'etc/resolv.conf'), `nameserver ${address}\n`);
  const authority = '/usr/local/share/pebble.pem';
  writeFileSync(join(machine.root, authority), pebble.ca);
  const before = await footprintOf(machine);
  const siteOf = async (app: string): Promise<Site> => {
    const host = `${app}.${DOMAIN}`;
    await pebble.dns.setAddresses(host, { v4: [machine.address] });
    return { host, address: machine.address, root: await pebble.root() };
  };
  const pad = await siteOf('kolabpad');
  const registry = await siteOf('verdaccio');
  const shop = { edge: registry.address, host: registry.host, port: 443, ca: registry.root, caFile: '' };
  const publications = new Publications(shop);
  let token = '';
  let text = '';
  const document = 'minutes';
  const answersAsBefore = async (): Promise<void> => {
    assert.equal((await visit(pad, `/api/text/${document}`)).body, text);
    await publications.verifyAll();
  };

  await t.test('whose key is not known yet is not spoken to before its fingerprint was compared', async () => {
    const words = story.adding.slice(0, story.adding.indexOf('--accept-host-key'));
    const { code, stderr } = await laptop.try(words);
    assert.equal(code, 5);
    assert.ok(stderr.includes(story.fingerprint), stderr);
    assert.deepEqual(differences(before, await footprintOf(machine)), []);
  });

  await t.test('berth server add makes a server of it', async () => {
    const began = performance.now();
    const added = await laptop.try(story.adding, { withinMs: 600_000 });
    t.diagnostic(`server add on Debian 12: ${seconds(began)}`);
    for (const [, step] of added.stderr.matchAll(/^ {2}✓ (.+: (?:done|already) .+)$/gm)) t.diagnostic(`  ${step}`);
    assertAllWell(added);
  });

  await t.test('two apps are deployed, and get certificates of the authority that the server was told of', async () => {
    const acme = ['cert', 'acme', '--email', 'ops@example.net', '--directory', pebble.directory, '--ca', authority];
    await laptop.berth([...acme, ...ON]);
    await using clone = await cloneKolabpad('real');
    const source = join(laptop.directory, 'verdaccio');
    cpSync(EXAMPLE, source, { recursive: true, filter: (from) => !from.endsWith('node_modules') });
    writeFileSync(join(source, '.npmrc'), npmSettings());
    for (const directory of [clone.app, source]) {
      const began = performance.now();
      const receipt = await laptop.json<Receipt>(['deploy', directory, ...ON], { withinMs: 600_000 });
      t.diagnostic(`deploy of ${receipt.app}: ${seconds(began)}`);
      assert.equal(receipt.ok, true);
    }
    for (const site of [pad, registry]) {
      const first = await waitUntil(() => visit(site), {
        what: `${site.host} has its certificate`,
        withinMs: CERTIFICATE_MS,
        everyMs: 500,
      });
      assert.equal(first.status, 200);
      assert.match(first.issuer, /^Pebble Intermediate/);
    }
  });

  await t.test('two people edit a document at the public address, and it is read back', async () => {
    using crowd = new Crowd({
      editors: 2,
      documents: 1,
      pauseMs: 50,
      seed: 12,
      habit: 'words',
      address: () => ({
        url: `wss://${pad.address}/api/socket/${document}`,
        options: { ca: pad.root, servername: pad.host, headers: { host: pad.host } },
      }),
    });
    await crowd.connect();
    crowd.startTyping();
    await crowd.more(40);
    await crowd.drain();
    text = crowd.editors[0]?.session.text ?? '';
    assert.ok(text.length > 0);
    assert.deepEqual(crowd.troubles, []);
    await answersAsBefore();
  });

  await t.test('packages are published to the registry, and come back byte by byte', async () => {
    token = await addUser(shop, 'amy');
    for (const version of ['1.0.0', '1.0.1']) await publications.publishOverHttp('parcel', version, token);
    assert.equal(publications.count, 2);
    await answersAsBefore();
  });

  await t.test('from outside all ports but SSH, HTTP and HTTPS are closed, whatever listens inside', async () => {
    await machine.execOk([
      'systemd-run',
      '--unit=forgotten-database',
      '/usr/lib/berth/current/node_modules/.bin/node',
      '-e',
      LISTEN,
    ]);
    try {
      const listens = () => machine.execOk(['ss', '-Htln', 'sport = :5432']);
      await waitUntil(async () => (await listens()).stdout.includes('0.0.0.0:5432'), { what: 'the service listens' });
      const began = performance.now();
      assert.deepEqual(await scanPorts(machine.address, ALL_PORTS), [22, 80, 443]);
      t.diagnostic(`scan of 65535 ports: 22, 80 and 443 are open, ${seconds(began)}`);
      await laptop.berth(['harden', 'undo', 'firewall', '--yes', ...ON]);
      assert.deepEqual(await scanPorts(machine.address, [5432]), [5432], 'it was the firewall that kept it away');
      await laptop.berth(['harden', 'apply', '--only', 'firewall', '--yes', ...ON]);
      assert.deepEqual(await scanPorts(machine.address, [5432]), []);
    } finally {
      await machine.execOk(['systemctl', 'stop', 'forgotten-database']);
    }
    await answersAsBefore();
  });

  await t.test('on the server apps are what systemd calls them', async () => {
    const status = await machine.execOk(['systemctl', 'status', 'kolabpad', '--no-pager']);
    assert.match(status.stdout, /kolabpad\.service - kolabpad, an app on Berth/);
    const journal = await machine.execOk(['journalctl', '-u', 'kolabpad*', '--no-pager']);
    assert.match(journal.stdout, /Starting Kolabpad server/);
    const { stdout } = await machine.execOk(['ps', '-eo', 'user:32,args']);
    assert.match(stdout, /^berth-kolabpad +\S*node main\.ts$/m);
  });

  await t.test('the laptop is answered about all of it', async () => {
    assert.match(await laptop.berth(['logs', 'kolabpad', '--since', '1h', ...ON]), /Starting Kolabpad server/);
    const status = await laptop.json<PlatformStatus>(['ps', ...ON]);
    assert.deepEqual(
      status.apps.map(({ app, state }) => `${app} ${state}`),
      ['kolabpad running', 'verdaccio running'],
    );
    // The truth: nobody has said yet where backups go.
    const examined = await laptop.try(['doctor', '--json', ...ON]);
    const { findings } = JSON.parse(examined.stdout) as { findings: { rule: string }[] };
    assert.deepEqual(
      findings.map(({ rule }) => rule),
      ['no-target'],
      examined.stdout,
    );
    assert.match(await laptop.berth(['audit', ...ON]), /^\d+ of \d+ checks are right/m);
    assert.match(await laptop.berth(['server', 'status', SERVER]), /prod/);
    assert.match(await laptop.berth(['server', 'ls']), /prod/);
    assert.match(await laptop.berth(['receipt', 'kolabpad', ...ON]), /deploy/);
  });

  for (const [what, act] of [
    ['a reboot', () => machine.reboot()],
    ['a pulled plug', () => machine.pullThePlug().then(() => machine.powerOn())],
  ] as const)
    await t.test(`after ${what} everything comes back by itself`, async () => {
      const began = performance.now();
      await act();
      const up = performance.now();
      await comesBack(pad);
      t.diagnostic(`${what}: up after ${seconds(began, up)}, the first good answer ${seconds(up)} later`);
      await comesBack(registry);
      await answersAsBefore();
      await publications.publishOverHttp('parcel', `2.0.${publications.count}`, token);
      assert.deepEqual(await scanPorts(machine.address, ALL_PORTS.slice(0, 500)), [22, 80, 443]);
      const audit = await laptop.try(['audit', ...ON]);
      assert.equal(audit.code, 0, audit.stdout);
    });

  await t.test('a wrong key is refused, and who goes on trying is shut out until somebody lets him in again', async () => {
    const wrong = join(laptop.directory, 'wrong-key');
    await execOk(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-f', wrong]);
    const source = machine.hostAddress.replace(/\.1$/, '.3');
    const refused = await knockWith(machine, { user: 'root', key: wrong, source: machine.hostAddress });
    assert.match(refused.said, /Permission denied/);
    await using _other = await secondAddress(machine.link, source);
    const banned = async (): Promise<boolean> => {
      await knockWith(machine, { user: 'oracle', key: wrong, source });
      return (await machine.execOk(['fail2ban-client', 'status', 'sshd'])).stdout.includes(source);
    };
    await waitUntil(banned, { what: 'the intruder is banned', withinMs: 60_000, everyMs: 100 });
    assert.doesNotMatch((await knockWith(machine, { user: 'root', key: machine.sshKey, source })).said, /^in$|denied/);
    assert.equal((await knockWith(machine, { user: 'root', key: machine.sshKey, source: machine.hostAddress })).said, 'in');
    // Tries that fail2ban had not read yet may shut him out once more.
    const letIn = async (): Promise<boolean> => {
      await machine.execOk(['fail2ban-client', 'set', 'sshd', 'unbanip', source]);
      return (await knockWith(machine, { user: 'root', key: machine.sshKey, source })).said === 'in';
    };
    await waitUntil(letIn, { what: 'he is let in again', withinMs: 60_000, everyMs: 500 });
  });

  await t.test('server add again finds nothing to do', async () => {
    const again = await laptop.try(story.adding, { withinMs: 600_000 });
    assertAllWell(again);
    assert.doesNotMatch(again.stderr, /: (?:done|repaired)/);
    await answersAsBefore();
  });

  await t.test('server rm leaves the machine as it was', async () => {
    await laptop.berth(['server', 'rm', SERVER, '--purge', '--undo-hardening', '--yes'], { withinMs: 600_000 });
    // System packages stay, as `server rm` says; what they own is told from what Berth left by taking them away.
    await purgePackages(machine, before);
    assert.deepEqual(differences(before, await footprintOf(machine)), []);
    assert.doesNotMatch(await laptop.berth(['server', 'ls']), /prod/);
  });
});

const LISTEN = `require('node:net').createServer(s => s.end('all your data')).listen(5432, '0.0.0.0')`;

const seconds = (from: number, to = performance.now()): string => `${((to - from) / 1_000).toFixed(1)} s`;

const comesBack = (site: Site): Promise<unknown> =>
  waitUntil(async () => (await visit(site, '/', { withinMs: 2_000 })).status === 200, {
    what: `${site.host} answers again`,
    withinMs: BACK_MS,
    everyMs: 100,
  });
