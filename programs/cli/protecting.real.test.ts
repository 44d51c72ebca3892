import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isLocked, parseKit } from '@berth/vault';
import { openStage, type Stage } from './testing.ts';

const MANIFEST = `app: shop
services:
  web: { run: node server.js, switch: handover }
stores:
  db: { sqlite: shop.db }
  uploads: { files: uploads }
`;

/** A platform with the app shop, which has a database and files, and its directory. */
const openShop = async (t: TestContext, options: Parameters<typeof openStage>[1] = {}): Promise<Stage & { cwd: string }> => {
  const stage = await openStage(t, options);
  const cwd = await stage.directory({ 'berth.yaml': MANIFEST, 'server.js': '' });
  const { code, err } = await stage.berth('deploy', cwd);
  assert.equal(code, 0, err);
  return { ...stage, cwd };
};

test('a target is added with what was tried, listed and removed', async (t) => {
  const stage = await openShop(t);
  const added = await stage.berthWith({ cwd: stage.cwd }, 'target', 'add', 'dir:backup/far', '--name', 'far');
  assert.equal(added.code, 0, added.err);
  assert.match(added.err, /✓ an object is written +64 bytes/);
  assert.match(added.out, /far takes the backups of all apps from now on\n[^]*berth kit --out FILE/);
  assert.equal(stage.platform.asked.at(-1), `target dir:${stage.cwd}/backup/far`);
  assert.match((await stage.berth('target')).out, /^far +protecting +180 ms /m);
  assert.equal(JSON.parse((await stage.berth('target', 'list', '--json')).out).targets.length, 2);
  assert.equal((await stage.berth('target', 'rm', 'far')).code, 0);
  assert.equal((await stage.berth('target', 'rm', 'far')).code, 4);
});

test('an access key comes from a file or the environment, never from the command line', async (t) => {
  const stage = await openShop(t);
  const files = await stage.directory({
    key: 'FILEKEY\nsecret\n',
    several: '[a]\naws_access_key_id=A\n[b]\naws_access_key_id=B\n',
  });
  const variables = { AWS_ACCESS_KEY_ID: 'ENVKEY', AWS_SECRET_ACCESS_KEY: 'secret' };
  const add = (...words: string[]) => stage.berthWith({ variables }, 'target', 'add', ...words, '--json');
  assert.equal((await add('s3://bucket/a')).code, 0);
  assert.equal((await add('s3://bucket/b', '--credentials-file', join(files, 'key'))).code, 0);
  assert.equal((await add('dir:/c')).code, 0);
  assert.deepEqual(stage.platform.asked.slice(1), [
    'target s3://bucket/a as ENVKEY',
    'target s3://bucket/b as FILEKEY',
    'target dir:/c',
  ]);
  const refused = [
    { words: ['s3://bucket/d'], code: 'CLI_CREDENTIALS_MISSING', env: {} },
    { words: ['s3://bucket/d'], code: 'CLI_CREDENTIALS_TEMPORARY', env: { ...variables, AWS_SESSION_TOKEN: 'x' } },
    { words: ['s3://bucket/d', '--credentials-file', join(files, 'several')], code: 'CLI_CREDENTIALS_UNREADABLE', env: {} },
    { words: ['s3://bucket/d', '--credentials-file', join(files, 'none')], code: 'CLI_FILE_UNREADABLE', env: {} },
    { words: ['dir:/d', '--credentials-file', join(files, 'key')], code: 'CLI_USAGE', env: {} },
  ];
  for (const { words, code, env } of refused) {
    const { out } = await stage.berthWith({ variables: env }, 'target', 'add', ...words, '--json');
    assert.equal(JSON.parse(out).error.code, code, words.join(' '));
  }
  assert.equal(stage.platform.asked.length, 4);
});

test('a target that does not hold is refused with what was tried, and one that is taken needs to be told', async (t) => {
  const stage = await openShop(t);
  const variables = { AWS_ACCESS_KEY_ID: 'A', AWS_SECRET_ACCESS_KEY: 'b' };
  const denied = await stage.berthWith({ variables }, 'target', 'add', 's3://bucket/denied');
  assert.deepEqual([denied.code, denied.out], [1, '']);
  assert.match(denied.err, /✗ an object is written +AccessDenied[^]*· what is deleted is gone +not tried[^]*Error: /);
  const taken = await stage.berthWith({ variables }, 'target', 'add', 's3://bucket/taken');
  assert.match(taken.err, /Try: .*--take-over/);
  assert.equal((await stage.berthWith({ variables }, 'target', 'add', 's3://bucket/taken', '--take-over')).code, 0);
});

test('backup takes the app of the directory, those that are named, or all with data', async (t) => {
  const stage = await openShop(t);
  const blog = await stage.directory({ 'berth.yaml': 'app: blog\nservices: { web: node x }\n' });
  assert.equal((await stage.berth('deploy', blog)).code, 0);
  const here = await stage.berthWith({ cwd: stage.cwd }, 'backup', '--label', 'before the sale');
  assert.equal(here.code, 0, here.err);
  assert.match(here.out, /shop is backed up, restore point p2 .*\n +to go back: +berth restore shop --to p2\n$/);
  const all = JSON.parse((await stage.berth('backup', '--json')).out);
  assert.deepEqual(
    all.receipts.map(({ app, restorePoint }: Record<string, unknown>) => [app, restorePoint]),
    [['shop', 'p3']],
  );
  assert.equal((await stage.berth('backup', 'nobody')).code, 4);
  assert.deepEqual(stage.platform.asked.slice(2), ['backup shop before the sale', 'backup shop']);
});

test('the time line is shown on the clock of whoever asks', async (t) => {
  const stage = await openShop(t);
  const shown = await stage.berthWith({ cwd: stage.cwd, variables: { TZ: 'Asia/Kolkata' } }, 'restore-points');
  assert.match(shown.out, /^db +local +every second since .* \+05:30 \(\d/m);
  assert.match(shown.out, /^p1 +\S+ \S+ \+05:30 \(.*\) +before a deploy +- +db, uploads$/m);
  const json = JSON.parse((await stage.berth('restore-points', 'shop', '--json')).out);
  assert.equal(json.points[0].point, 'p1');
  const nowhere = await stage.berth('restore-points');
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.err, /berth restore-points shop \(there is shop\)/);
});

test('a restore says what it will do, does it when told, and says how to undo it', async (t) => {
  const stage = await openShop(t);
  const words = ['restore', 'shop', '--at', '10 minutes ago'];
  const refused = await stage.berth(...words);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /^shop goes back to .* UTC \(10 minutes ago\)\n {2}db +comes back as it was/);
  assert.match(refused.err, /needs a yes[^]*CLI_CONFIRMATION_NEEDED/);
  assert.equal(stage.platform.asked.length, 1);

  const before = Date.now();
  const done = await stage.berth(...words, '--yes');
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /to undo it: +berth restore shop --to p2/);
  const asked = JSON.parse((stage.platform.asked.at(-1) ?? '').replace('restore shop ', ''));
  const agoMs = before - Date.parse(asked.at);
  assert.ok(agoMs > 590_000 && agoMs < 600_000, `${agoMs}`);
});

test('a restore passes on what was asked for', async (t) => {
  const stage = await openShop(t);
  const asked = () => JSON.parse((stage.platform.asked.at(-1) ?? '').replace('restore shop ', ''));
  const point = await stage.berth('restore', 'shop', '--to', 'p1', '--store', 'db', '--yes', '--json');
  assert.deepEqual([JSON.parse(point.out).restorePoint, point.err], ['p2', '']);
  assert.deepEqual(asked(), { to: 'p1', stores: ['db'] });
  const zone = await stage.berthWith(
    { variables: { TZ: 'Europe/Berlin' } },
    'restore',
    'shop',
    '--at',
    '2026-02-10 12:00:07',
    '--yes',
  );
  assert.match(zone.err, /2026-02-10 12:00:07 CET \(/);
  assert.deepEqual(asked(), { at: '2026-02-10T11:00:07.000Z' });
  // A copy harms nothing, and needs no yes.
  const copy = await stage.berthWith({ cwd: stage.cwd }, 'restore', '--to', 'p1', '--into', 'copy', '--target', 'local');
  assert.equal(copy.code, 0, copy.err);
  assert.match(copy.out, /the data is in .*copy; the app was not touched\n$/);
  assert.doesNotMatch(copy.out, /undo/);
  assert.deepEqual(asked(), { to: 'p1', into: join(stage.cwd, 'copy'), target: 'local' });
});

const wrong: { words: string[]; code: number; says: RegExp }[] = [
  { words: [], code: 2, says: /back to when\?/ },
  { words: ['--at', 'now', '--to', 'p1'], code: 2, says: /either --at a moment or --to a point/ },
  { words: ['--at', 'tomorrow', '--yes'], code: 2, says: /`tomorrow` is no moment/ },
  { words: ['--at', '2999-01-01 12:00', '--yes'], code: 2, says: /is still to come/ },
  { words: ['--to', 'p9', '--yes'], code: 4, says: /shop has no restore point p9[^]*the newest is p1/ },
  { words: ['--to', 'p1', '--store', 'dbb', '--yes'], code: 4, says: /no store called dbb[^]*did you mean `db`\?/ },
];
test('a restore that is not clear is refused before anything happens', async (t) => {
  const stage = await openShop(t);
  for (const { words, code, says } of wrong) {
    const refused = await stage.berth('restore', 'shop', ...words);
    assert.equal(refused.code, code, words.join(' '));
    assert.match(refused.err, says);
  }
  assert.equal((await stage.berth('restore', 'nobody', '--to', 'p1', '--yes')).code, 4);
  assert.equal(stage.platform.asked.length, 1);
});

test('an app without stores has nothing to go back to', async (t) => {
  const stage = await openStage(t);
  const blog = await stage.directory({ 'berth.yaml': 'app: blog\nservices: { web: node x }\n' });
  await stage.berth('deploy', blog);
  const refused = await stage.berth('restore', 'blog', '--at', 'now', '--yes', '--json');
  assert.equal(JSON.parse(refused.out).error.code, 'CLI_NO_STORES');
  assert.equal((await stage.berth('restore-points', 'blog')).out, 'blog has nothing to go back to yet\n');
  assert.equal((await stage.berth('backup')).code, 2);
});

test('a rehearsal tells what it found, and is remembered', async (t) => {
  const stage = await openShop(t);
  assert.equal((await stage.berth('drills', 'shop')).out, 'shop was never rehearsed: berth drill shop\n');
  const done = await stage.berthWith({ cwd: stage.cwd }, 'drill');
  assert.equal(done.code, 0, done.err);
  assert.match(
    done.out,
    /✓ uploads +50 MiB as of [^]*The backup holds: local would have it back after 4\.2 s, without the last 180 ms/,
  );
  assert.equal(JSON.parse((await stage.berth('drill', 'shop', '--target', 'local', '--json')).out).outcome, 'passed');
  assert.equal((await stage.berth('drill', 'shop', '--target', 'far')).code, 4);
  assert.match((await stage.berth('drills', 'shop')).out, /local +passed +4\.2 s +180 ms +db, uploads\n/);
});

test('a rehearsal that fails ends with 1', async (t) => {
  const stage = await openShop(t, { failAt: 'check' });
  const { code, out } = await stage.berth('drill', 'shop', '--json');
  assert.deepEqual([code, JSON.parse(out).ok], [1, false]);
});

test('ps says what would be lost with the machine, and receipts what to go back to', async (t) => {
  const stage = await openShop(t);
  const alone = (await stage.berth('ps')).out;
  assert.match(alone, /^shop +db +sqlite +50 MiB +unprotected +everything +never +-$/m);
  assert.match(alone, /^Warning: shop\/db, shop\/uploads: unprotected, .*\nTry: berth target add /m);
  await stage.berth('target', 'add', 'dir:/far');
  await stage.berth('drill', 'shop');
  const safe = (await stage.berth('ps')).out;
  assert.match(safe, /^shop +db +sqlite +50 MiB +protected +180 ms +passed .* ago +4\.2 s$/m);
  assert.doesNotMatch(safe, /Warning/);
  assert.match(
    (await stage.berth('receipt', 'shop', '1')).out,
    /^data +restore point p1 \(back to it: berth restore shop --to p1\)$/m,
  );
});

test('rollback takes data along only when it is told twice', async (t) => {
  const stage = await openShop(t);
  await stage.berth('deploy', stage.cwd);
  const refused = await stage.berth('rollback', 'shop', '--to', '1', '--with-data');
  assert.match(refused.err, /Try: if you mean it: berth rollback shop --to 1 --with-data --yes/);
  assert.equal(refused.code, 1);
  const done = await stage.berth('rollback', 'shop', '--with-data', '--yes');
  assert.equal(done.code, 0, done.err);
  assert.match(done.out, /the data before: berth restore shop --to p3\n$/);
  assert.equal((await stage.berth('rollback', 'shop', '--to', '2')).code, 0);
  assert.deepEqual(stage.platform.asked.slice(2), ['rollback shop with data', 'rollback shop to 2']);
});

test('the recovery kit goes to a private file, and over none that is there', async (t) => {
  const stage = await openShop(t);
  const file = join(await stage.directory({}), 'kit.txt');
  const written = await stage.berth('kit', '--out', file);
  assert.deepEqual([written.code, written.out], [0, '']);
  assert.match(written.err, /readable by you alone[^]*whoever has it can read all data[^]*not on this machine/);
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const text = await readFile(file, 'utf8');
  assert.match(text, /AGE-SECRET-KEY-FAKE/);
  await writeFile(file, 'mine');
  const asked = stage.platform.asked.length;
  assert.equal(JSON.parse((await stage.berth('kit', '--out', file, '--json')).out).error.code, 'CLI_FILE_EXISTS');
  assert.deepEqual([await readFile(file, 'utf8'), stage.platform.asked.length], ['mine', asked]);
  const forced = await stage.berth('kit', '--out', file, '--force', '--json');
  assert.deepEqual(JSON.parse(forced.out), { file, targets: ['local'], locked: false });
  assert.deepEqual([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777], [text, 0o600]);
  assert.equal((await stage.berth('kit')).out, text);
  assert.equal(JSON.parse((await stage.berth('kit', '--out', join(file, 'x'), '--json')).out).error.code, 'CLI_FILE_UNWRITABLE');
});

test('a passphrase locks the kit', async (t) => {
  const stage = await openShop(t);
  const files = await stage.directory({
    right: 'correct horse battery staple\n',
    short: 'short\n',
    lines: 'one line and\nanother line\n',
  });
  const { code, out, err } = await stage.berth('kit', '--passphrase-file', join(files, 'right'));
  assert.equal(code, 0, err);
  assert.ok(isLocked(out));
  assert.doesNotMatch(out, /AGE-SECRET-KEY-FAKE/);
  assert.match(err, /whoever has it and the passphrase/);
  await assert.rejects(parseKit(out, 'correct horse battery stable'), { code: 'KIT_PASSPHRASE_WRONG' });
  // What is in it is the fake's, and no kit: it is opened by the right one, and only then read.
  await assert.rejects(parseKit(out, 'correct horse battery staple'), { code: 'KIT_UNREADABLE' });
  for (const file of ['short', 'lines'])
    assert.equal((await stage.berth('kit', '--passphrase-file', join(files, file))).code, 2, file);
  assert.equal((await stage.berth('kit', '--passphrase')).code, 1);
  for (const words of [['--force'], ['--print', '--out', 'x'], ['--passphrase', '--passphrase-file', join(files, 'right')]])
    assert.equal((await stage.berth('kit', ...words)).code, 2, words.join(' '));
});
