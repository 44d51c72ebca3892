import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseDestination } from './destination.ts';
import { commandArguments, controlArguments, hostKeyArguments, masterArguments } from './ssh-arguments.ts';

const at = { control: '/tmp/c', knownHosts: ['/home/ada/.ssh/known_hosts', '/home/ada smith/k'] };
const option = (argv: readonly string[], name: string): string | undefined =>
  argv.find((word, index) => argv[index - 1] === '-o' && word.startsWith(`${name}=`))?.slice(name.length + 1);

describe('the shared connection', () => {
  const argv = masterArguments(parseDestination('root@203.0.113.7', { port: 2222, identity: '/k', jump: 'bastion' }), at);

  test('asks nothing, takes no password and no key that is not known', () => {
    const names = ['BatchMode', 'PasswordAuthentication', 'KbdInteractiveAuthentication', 'StrictHostKeyChecking'];
    assert.deepEqual(
      names.map((name) => option(argv, name)),
      ['yes', 'no', 'no', 'yes'],
    );
  });

  test('looks for the host’s key in the user’s files and in ours', () =>
    assert.equal(option(argv, 'UserKnownHostsFile'), '/home/ada/.ssh/known_hosts "/home/ada smith/k"'));

  test('goes where it should, and the host is never an option', () => {
    assert.deepEqual(argv.slice(argv.indexOf('-l'), -1), [
      ...['-l', 'root', '-p', '2222', '-i', '/k', '-o', 'IdentitiesOnly=yes', '-J', 'bastion', '--', '203.0.113.7'],
    ]);
  });

  test('leaves to ~/.ssh/config what was not said', () => {
    const plain = masterArguments(parseDestination('shop'), at);
    for (const word of ['-l', '-p', '-i', '-J']) assert.ok(!plain.includes(word), word);
  });
});

describe('a command through it', () => {
  test('is one quoted word, and cannot connect by itself', () => {
    const argv = commandArguments('/tmp/c', ['echo', "it's"], { become: [] });
    assert.equal(argv.at(-1), "echo 'it'\\''s'");
    assert.equal(option(argv, 'ProxyCommand'), 'false');
    assert.ok(argv.includes('-T'));
  });

  test('is root’s for a user who is not', () => {
    const argv = commandArguments('/tmp/c', ['id'], { become: ['sudo', '-n', '--'], terminal: true });
    assert.equal(argv.at(-1), 'sudo -n -- id');
    assert.ok(argv.includes('-tt'));
  });

  test('or an order to the connection itself', () =>
    assert.deepEqual(controlArguments('/tmp/c', ['-O', 'exit']).slice(-3), ['-O', 'exit', 'berth']));
});

test('the key of a host is fetched into one file, and no login is tried', () => {
  const argv = hostKeyArguments(parseDestination('root@203.0.113.7'), '/tmp/k');
  const names = [
    'UserKnownHostsFile',
    'GlobalKnownHostsFile',
    'PreferredAuthentications',
    'StrictHostKeyChecking',
    'ControlPath',
  ];
  assert.deepEqual(
    names.map((name) => option(argv, name)),
    ['/tmp/k', '/dev/null', 'none', 'accept-new', 'none'],
  );
});
