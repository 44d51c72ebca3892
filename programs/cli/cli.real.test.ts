import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { MANIFEST, openStage, openStageWithShop } from './testing.ts';

test('ps shows apps and instances', async (t) => {
  const stage = await openStageWithShop(t, { pid: 4321 });
  const plain = await stage.berth('ps');
  const shown = plain.out.replaceAll(stage.home, 'HOME').replace(/\d+ d \d+ h|\d+ d/, 'LONG');
  t.assert.fileSnapshot(shown, join(import.meta.dirname, 'golden/ps.txt'), { serializers: [String] });
  const status = JSON.parse((await stage.berth('ps', '--json')).out);
  assert.deepEqual([status.daemon.pid, status.daemon.version], [4321, '0.1.0']);
  const instance = status.apps[0].services[0].instances[0];
  for (const key of ['id', 'pid', 'port', 'state', 'restarts', 'memoryBytes']) assert.ok(key in instance, key);
  assert.equal((await stage.berth('ps', 'nobody')).code, 4);
});

test('logs passes its filters on', async (t) => {
  const stage = await openStageWithShop(t);
  stage.platform.addLog({ app: 'shop', text: 'order 12', level: 'info' });
  stage.platform.addLog({ app: 'shop', text: 'tick' });
  const words = [
    '--grep',
    'order \\d+',
    '--level',
    'info',
    '--service',
    'web',
    '--instance',
    'i1',
    '--tail',
    '5',
    '--since',
    '2030-01-01T00:00:00Z',
  ];
  const { out } = await stage.berth('logs', 'shop', ...words);
  assert.equal(out, '2030-01-02 03:04:05 shop-web-1 order 12\n');
  const query = {
    follow: false,
    since: '2030-01-01T00:00:00.000Z',
    grep: 'order \\d+',
    level: 'info',
    instance: 'i1',
    service: 'web',
    tail: 5,
  };
  assert.deepEqual(JSON.parse((stage.platform.asked.at(-1) ?? '').replace('logs shop ', '')), query);
  const json = await stage.berth('logs', 'shop', '--json');
  assert.deepEqual(
    json.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).text),
    ['order 12', 'tick'],
  );
});

test('logs -f goes on until Ctrl-C', async (t) => {
  const stage = await openStageWithShop(t);
  const logs = stage.start('logs', 'shop', '-f');
  stage.platform.addLog({ app: 'shop', text: 'first' });
  await logs.says('first');
  stage.platform.addLog({ app: 'shop', text: 'second' });
  await logs.says('second');
  logs.child.kill('SIGINT');
  assert.equal((await logs.ended).code, 0);
});

test('run passes arguments and input on, and ends with the code of the command', async (t) => {
  const stage = await openStageWithShop(t);
  const cat = await stage.berthWith({ input: 'grüße\n' }, 'run', 'shop', '--', 'cat', '-v', 'a b');
  assert.deepEqual(cat, { code: 0, out: 'grüße\n', err: '' });
  assert.equal(stage.platform.asked.at(-1), 'run ["cat","-v","a b"]');
  assert.equal((await stage.berth('run', 'shop', 'false', '--json')).code, 7);
  assert.equal(stage.platform.asked.at(-1), 'run ["false","--json"]');
});

test('run does not wait for input when its command has ended', async (t) => {
  const stage = await openStageWithShop(t);
  const { child, ended } = stage.start('run', 'shop', '--', 'true');
  assert.equal((await ended).code, 0);
  assert.equal(child.exitCode, 0);
});

test('Ctrl-C during run ends the command', async (t) => {
  const stage = await openStageWithShop(t);
  const running = stage.start('run', 'shop', '--', 'sleep');
  while (!stage.platform.asked.includes('run ["sleep"]')) await new Promise((resolve) => setTimeout(resolve, 20));
  running.child.kill('SIGINT');
  assert.equal((await running.ended).code, 130);
});

test('env lists, sets and unsets', async (t) => {
  const stage = await openStageWithShop(t);
  assert.equal((await stage.berth('env', 'shop', 'set', 'B=x=y', 'A=')).code, 0);
  assert.equal((await stage.berth('env', 'shop')).out, 'A=\nB=x=y\n');
  assert.equal((await stage.berth('env', 'shop', 'unset', 'A')).code, 0);
  assert.deepEqual(JSON.parse((await stage.berth('env', 'shop', 'list', '--json')).out), {
    variables: [{ name: 'B', value: 'x=y' }],
  });
  for (const words of [['set', 'A'], ['set'], ['unset', 'A=1'], ['drop', 'A']])
    assert.equal((await stage.berth('env', 'shop', ...words)).code, 2, words.join(' '));
});

test('a secret comes from standard input, never from the command line', async (t) => {
  const stage = await openStageWithShop(t);
  assert.equal((await stage.berthWith({ input: 's3cret\n' }, 'secret', 'shop', 'set', 'KEY')).code, 0);
  assert.equal((await stage.berth('secret', 'shop', 'generate', 'TOKEN')).code, 0);
  const hidden = await stage.berth('secret', 'shop');
  assert.match(hidden.out, /KEY/);
  assert.doesNotMatch(hidden.out, /s3cret/);
  assert.match((await stage.berth('secret', 'shop', 'list', '--reveal')).out, /s3cret/);
  const typed = await stage.berth('secret', 'shop', 'set', 'KEY=value', '--json');
  assert.equal(typed.code, 2);
  assert.doesNotMatch(typed.out, /value"|=value/);
  assert.equal((await stage.berth('secret', 'shop', 'set', 'EMPTY')).code, 2);
});

test('scale, restart, stop and start ask for what was said', async (t) => {
  const stage = await openStageWithShop(t);
  for (const words of [
    ['scale', 'shop', 'web=3', 'worker=0'],
    ['restart', 'shop', 'web'],
    ['stop', 'shop'],
    ['start', 'shop'],
  ]) {
    assert.equal((await stage.berth(...words)).code, 0, words.join(' '));
  }
  assert.deepEqual(stage.platform.asked.slice(1), ['scale shop {"web":3,"worker":0}', 'restart shop web']);
  assert.equal((await stage.berth('scale', 'shop', 'web=many')).code, 2);
});

test('rm needs a yes', async (t) => {
  const stage = await openStageWithShop(t);
  const refused = await stage.berth('rm', 'shop', '--json');
  assert.deepEqual([refused.code, JSON.parse(refused.out).error.code], [1, 'CLI_CONFIRMATION_NEEDED']);
  const removed = await stage.berth('rm', 'shop', '--yes', '--purge', '--json');
  assert.deepEqual([removed.code, JSON.parse(removed.out).ok, stage.platform.asked.at(-1)], [0, true, 'remove shop purge']);
});

test('certificates come from files', async (t) => {
  const stage = await openStage(t);
  const files = await stage.directory({ 'chain.pem': 'CHAIN\n', 'key.pem': 'KEY\n' });
  const set = ['cert', 'set', 'a.example.com', '--chain', join(files, 'chain.pem'), '--key', join(files, 'key.pem')];
  assert.equal((await stage.berth(...set)).code, 0);
  assert.equal(stage.platform.asked.at(-1), 'certificate a.example.com CHAIN KEY');
  assert.match((await stage.berth('cert')).out, /a\.example\.com +own/);
  assert.equal((await stage.berth('cert', 'rm', 'a.example.com')).code, 0);
  assert.equal((await stage.berth('cert', 'rm', 'a.example.com')).code, 4);
  assert.equal((await stage.berth('cert', 'set', 'x', '--chain', 'none', '--key', 'none')).code, 1);
});

test('an authority is chosen, looked at and let go of; what was not said stays', async (t) => {
  const stage = await openStage(t);
  const acme = async (...words: string[]) => {
    const { code, out } = await stage.berth('cert', 'acme', ...words, '--json');
    return code === 0 ? JSON.parse(out).acme : code;
  };
  assert.equal(await acme(), null);
  assert.equal(await acme('--staging'), 2, 'an address, or that there is none, has to be said once');
  const first = await acme('--email', 'ann@example.com');
  assert.deepEqual(
    [first.directory, first.email, first.termsAgreed, first.challengePort],
    ['letsencrypt', 'ann@example.com', true, 80],
  );
  const second = await acme('--staging', '--dns-hook', '/etc/berth/dns-hook --zone  example.com', '--wildcard', '*.example.com');
  assert.deepEqual(second, {
    ...first,
    directory: 'letsencrypt-staging',
    dnsHook: ['/etc/berth/dns-hook', '--zone', 'example.com'],
    wildcards: ['example.com'],
  });
  assert.deepEqual(await acme('--directory', 'letsencrypt', '--dns-hook', '', '--wildcard', '', '--no-email'), {
    ...first,
    email: null,
  });
  assert.equal(await acme('--staging', '--directory', 'letsencrypt'), 2);
  assert.equal(await acme('--off', '--staging'), 2);
  assert.match((await stage.berth('cert', 'acme')).out, /come from letsencrypt/);
  assert.equal(await acme('--off'), null);
  assert.match((await stage.berth('cert', 'acme')).out, /no authority is set/);
});

test('a host is checked and renewed when somebody asks', async (t) => {
  const stage = await openStage(t);
  const fine = await stage.berth('cert', 'check', 'a.example.com');
  assert.deepEqual([fine.code, fine.out.includes('fine: nothing stands between')], [0, true]);
  const elsewhere = await stage.berth('cert', 'check', 'elsewhere.example.com');
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.out, /Error: elsewhere\.example\.com leads elsewhere\nTry: change it\n\(CERTIFICATE_DNS_ELSEWHERE\)/);
  assert.match(
    (await stage.berth('cert', 'renew', 'a.example.com')).out,
    /a\.example\.com has a new certificate of CN=Test, until/,
  );
  assert.equal(stage.platform.asked.at(-1), 'renew a.example.com');
});

test('open prints the URL where there is no display', async (t) => {
  const stage = await openStageWithShop(t);
  assert.equal((await stage.berth('open', 'shop')).out, 'https://shop.localhost:8443\n');
});

test('check needs no platform, and shows every mistake', async (t) => {
  const stage = await openStage(t, { running: false });
  const good = await stage.directory({ 'berth.yaml': MANIFEST });
  assert.equal((await stage.berth('check', good)).code, 0);
  const cwd = await stage.directory({
    'berth.yaml': 'app: shop\nservices:\n  web: { run: node x, instanses: 2 }\nroutes:\n  shop: { /: wep }\n',
  });
  const { code, err } = await stage.berthWith({ cwd }, 'check');
  assert.equal(code, 3);
  assert.match(err, /instances/);
  assert.match(err, /wep/);
  const files = await stage.directory({ 'berth.yaml': 'app: site\nroutes:\n  site:\n    /: { files: public }\n' });
  const missing = await stage.berth('check', files, '--json');
  assert.equal(missing.code, 3);
  assert.match(JSON.parse(missing.out).missing[0], /public, which is not a directory/);
});

test('check names what `source` includes and the repository does not have', async (t) => {
  const stage = await openStage(t, { running: false });
  const root = await stage.directory({
    'apps/shop/berth.yaml': `source: { root: ../.., include: [kit, gone] }\n${MANIFEST}`,
    'kit/index.js': '',
  });
  const { code, out } = await stage.berth('check', join(root, 'apps/shop'), '--json');
  assert.equal(code, 3);
  assert.match(JSON.parse(out).missing[0], /source\.include names gone, which .* does not have/);
});

test('nearly the name of an app or a command is answered with it', async (t) => {
  const stage = await openStageWithShop(t);
  assert.equal(JSON.parse((await stage.berth('logs', 'shpo', '--json')).out).error.hint, 'did you mean shop?');
  assert.equal(JSON.parse((await stage.berth('rollbak', 'shop', '--json')).out).error.hint, 'did you mean rollback?');
  assert.match((await stage.berth('history')).err, /berth releases APP/);
  assert.match((await stage.berth('deploy', '--fource')).err, /did you mean --force\?/);
});

const usageErrors = [
  ['deploi'],
  ['deploy', '--no-such'],
  ['rollback'],
  ['rollback', 'shop', '--to', 'x'],
  ['up', '--http', '0'],
  ['up', '--tls', 'off', '--https', '1'],
  ['logs', 'shop', '--since', 'yesterday'],
  [],
];
for (const words of usageErrors) {
  test(`"berth ${words.join(' ')}" is a usage error`, async (t) => {
    const stage = await openStage(t);
    const { code, out, err } = await stage.berth(...words);
    assert.deepEqual([code, out], [2, '']);
    assert.notEqual(err, '');
  });
}

test('without a platform a command says how to start one', async (t) => {
  const stage = await openStage(t, { running: false });
  const { code, err } = await stage.berth('ps');
  assert.equal(code, 5);
  assert.match(err, /Try: start one with: berth up/);
});

test('after berth down only berth up starts the platform', async (t) => {
  const stage = await openStage(t, { running: false });
  await writeFile(join(stage.home, 'journal.db'), '');
  await writeFile(join(stage.home, 'down'), '');
  const { code, out } = await stage.berth('ps', '--json');
  assert.equal(code, 5);
  assert.match(JSON.parse(out).error.message, /was stopped with berth down/);
});

test('version and help need nothing', async (t) => {
  const stage = await openStage(t, { running: false });
  assert.match((await stage.berth('version')).out, /^berth \d+\.\d+\.\d+ \(Node 24/);
  assert.deepEqual(Object.keys(JSON.parse((await stage.berth('version', '--json')).out)), ['version', 'node']);
  const help = await stage.berthWith({ variables: { COLUMNS: '100' } }, '--help');
  t.assert.fileSnapshot(help.out, join(import.meta.dirname, 'golden/help.txt'), { serializers: [String] });
});

test('completion knows commands, options and the names of apps', async (t) => {
  const stage = await openStageWithShop(t);
  assert.match((await stage.berth('complete', '--', 'roll')).out, /^rollback\tserve an older release again$/m);
  assert.match((await stage.berth('complete', '--', 'logs', '')).out, /^shop\t$/m);
  assert.match((await stage.berth('complete', '--', 'deploy', '--f')).out, /^--force\t/m);
  for (const shell of ['bash', 'zsh', 'fish'])
    assert.match((await stage.berth('completion', shell)).out, /berth complete/, shell);
});

test('a reader that has seen enough is no error', async (t) => {
  const stage = await openStageWithShop(t);
  for (let line = 0; line < 5_000; line += 1) stage.platform.addLog({ app: 'shop', text: `line ${line} ${'x'.repeat(200)}` });
  const { child, ended } = stage.start('logs', 'shop');
  // Its output is cut off here, which is what is tested.
  ended.catch(() => {});
  await once(child.stdout ?? child, 'data');
  child.stdout?.destroy();
  child.stderr?.resume();
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});
