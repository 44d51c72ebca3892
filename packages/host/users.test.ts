import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { recordingExec } from '@berth/testing';
import { execOk } from './exec.ts';
import { checkUserName, ensureSystemUser, findUser, removeSystemUser, systemUserName } from './users.ts';

const asRoot = process.getuid?.() === 0 ? {} : { skip: 'only root can create users' };

test('a system user is created once, has no login, and is removed again', asRoot, async () => {
  const name = `berth-test-${randomBytes(3).toString('hex')}`;
  try {
    const [one, two] = await Promise.all([ensureSystemUser(name), ensureSystemUser(name)]);
    assert.deepEqual(one, two);
    assert.equal(one.name, name);
    assert.ok(one.uid > 0 && one.uid < 1_000 && one.gid > 0);
    assert.deepEqual(await ensureSystemUser(name), one);
    assert.match((await execOk(['getent', 'passwd', name])).stdout, /:Berth:\/nonexistent:\/usr\/sbin\/nologin$/m);
  } finally {
    await removeSystemUser(name);
  }
  assert.equal(await findUser(name), null);
  await removeSystemUser(name);
});

test('a user that Berth did not create is not removed', asRoot, async () => {
  await assert.rejects(removeSystemUser('nobody'), { code: 'USER_NOT_OURS' });
  assert.notEqual(await findUser('nobody'), null);
});

test('root is never the user of an app', async () => {
  const exec = recordingExec(() => ({ stdout: 'admin:x:0:0::/root:/bin/sh\n' }));
  await assert.rejects(ensureSystemUser('admin', exec), { code: 'USER_NOT_OURS' });
  assert.deepEqual(
    exec.calls.map(({ argv }) => argv),
    [['getent', 'passwd', 'admin']],
  );
});

test('a lock that another useradd holds is waited for', async () => {
  let locked = 2;
  let created = false;
  const exec = recordingExec(([command]) => {
    if (command === 'getent')
      return created ? { stdout: 'berth-x:x:990:991:Berth:/nonexistent:/usr/sbin/nologin\n' } : { exitCode: 2 };
    if (locked-- > 0) return { exitCode: 1, stderr: 'useradd: cannot lock /etc/passwd; try again later.' };
    created = true;
    return {};
  });
  assert.deepEqual(await ensureSystemUser('berth-x', exec), { name: 'berth-x', uid: 990, gid: 991 });
  assert.equal(exec.calls.filter(({ argv }) => argv[0] === 'useradd').length, 3);
});

describe('a name is refused', () => {
  for (const name of ['', 'Upper', '-option', '1st', 'a b', 'a:b', 'ä', 'x'.repeat(33), 'a\n'])
    test(JSON.stringify(name), () => assert.throws(() => checkUserName(name), { code: 'USER_NAME_INVALID' }));
});

describe('the name for an app', () => {
  const cases = [
    { name: 'is plain in the home of the machine', home: '/var/lib/berth', purpose: 'pad', expected: /^berth-pad$/ },
    { name: 'tells other homes apart', home: '/srv/berth', purpose: 'pad', expected: /^berth-[0-9a-f]{6}-pad$/ },
    {
      name: 'ends in a hash when it would be too long',
      home: '/srv/berth',
      purpose: 'a'.repeat(40),
      expected: /^berth-[0-9a-f]{6}-a{12}-[0-9a-f]{6}$/,
    },
  ];
  for (const { name, home, purpose, expected } of cases)
    test(name, () => {
      assert.match(systemUserName(home, purpose), expected);
      assert.ok(systemUserName(home, purpose).length <= 32);
    });
  test('differs for long names that begin alike', () =>
    assert.notEqual(systemUserName('/srv/berth', `${'a'.repeat(40)}1`), systemUserName('/srv/berth', `${'a'.repeat(40)}2`)));
});
