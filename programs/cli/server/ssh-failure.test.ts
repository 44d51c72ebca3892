import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { explainFailure, hostKeyOf, wasLetIn } from './ssh-failure.ts';

/** As OpenSSH 9.2 and 9.6 say it under -v, cut to what matters. */
const about = { host: '203.0.113.7', user: 'root', port: '22' };
const met = `debug1: Connecting to 203.0.113.7 [203.0.113.7] port 22.
debug1: Authenticating to 203.0.113.7:22 as 'root'
debug1: Server host key: ssh-ed25519 SHA256:g3CoB+3ZOwO+pvsaJ5rActCPh1RT1KRO9+eqJuBAayU`;

describe('why ssh did not connect', () => {
  const cases = [
    {
      name: 'a name that nobody knows',
      said: 'ssh: Could not resolve hostname nowhere.invalid: Name or service not known',
      code: 'SSH_HOST_NOT_FOUND',
      message: /nowhere\.invalid/,
    },
    {
      name: 'nobody listens',
      said: 'debug1: connect to address 203.0.113.7 port 22: Connection refused\nssh: connect to host 203.0.113.7 port 22: Connection refused',
      code: 'SSH_REFUSED',
      message: /port 22/,
    },
    {
      name: 'no answer',
      said: 'ssh: connect to host 203.0.113.7 port 22: Connection timed out',
      code: 'SSH_UNREACHABLE',
      message: /timed out/,
    },
    {
      name: 'no way there',
      said: 'ssh: connect to host 203.0.113.7 port 22: No route to host',
      code: 'SSH_UNREACHABLE',
      message: /no route to host/,
    },
    {
      name: 'a key that is not known',
      said: `${met}\nNo ED25519 host key is known for 203.0.113.7 and you have requested strict checking.\nHost key verification failed.`,
      code: 'SSH_HOST_KEY_UNKNOWN',
      message: /SHA256:g3CoB\+3ZOwO/,
    },
    {
      name: 'a key that changed',
      said: `${met}\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nOffending ED25519 key in /home/ada/.ssh/known_hosts:12\nHost key verification failed.`,
      code: 'SSH_HOST_KEY_CHANGED',
      message: /\/home\/ada\/\.ssh\/known_hosts:12/,
    },
    {
      name: 'keys that are not welcome, each once',
      said: `${met}
debug1: Offering public key: /home/ada/.ssh/id_ed25519 ED25519 SHA256:aaa agent
debug1: Offering public key: /home/ada/.ssh/work key RSA SHA256:bbb explicit
debug1: Offering public key: /home/ada/.ssh/id_ed25519 ED25519 SHA256:aaa agent
root@203.0.113.7: Permission denied (publickey,password).`,
      code: 'SSH_KEY_REFUSED',
      message: /tried: \/home\/ada\/\.ssh\/id_ed25519 SHA256:aaa \(agent\); \/home\/ada\/\.ssh\/work key SHA256:bbb$/,
    },
    {
      name: 'no key at all',
      said: `${met}\nroot@203.0.113.7: Permission denied (publickey).`,
      code: 'SSH_KEY_REFUSED',
      message: /there was none to try/,
    },
    {
      name: 'too many keys in the agent',
      said: `${met}\nReceived disconnect from 203.0.113.7 port 22:2: Too many authentication failures`,
      code: 'SSH_KEY_REFUSED',
      message: /none of your keys/,
    },
    {
      name: 'a key file that is missing',
      said: 'Warning: Identity file /nowhere/key not accessible: No such file or directory.\ndebug1: Connecting to',
      code: 'SSH_IDENTITY_UNUSABLE',
      message: /\/nowhere\/key cannot be used: No such file or directory$/,
    },
    {
      name: 'a key file that others may read',
      said: `${met}\nPermissions 0644 for '/home/ada/key' are too open.\nroot@203.0.113.7: Permission denied (publickey).`,
      code: 'SSH_IDENTITY_UNUSABLE',
      message: /0644/,
    },
    {
      name: 'a ban',
      said: 'kex_exchange_identification: read: Connection reset by peer\nConnection reset by 203.0.113.7 port 22',
      code: 'SSH_CLOSED',
      message: /reset/,
    },
    {
      name: 'anything else, in its own words',
      said: 'OpenSSH_9.2p1\ndebug1: Reading\n/home/ada/.ssh/config: line 3: Bad configuration option: foo',
      code: 'SSH_FAILED',
      message: /Bad configuration option: foo/,
    },
  ];
  for (const { name, said, code, message } of cases)
    test(name, () => {
      const error = explainFailure(said, about);
      assert.equal(error.code, code);
      assert.match(error.message, message);
      assert.ok(error.hint.length > 10);
    });
});

const throughJump = `debug1: Authenticating to bastion.example.com:22 as 'ada'
debug1: Server host key: ssh-ed25519 SHA256:bastion`;

test('a jump host that is not known is named, and its key is not offered for acceptance', () => {
  const error = explainFailure(
    `${throughJump}\nHost key verification failed.\nkex_exchange_identification: Connection closed`,
    about,
  );
  assert.equal(error.code, 'SSH_HOST_KEY_UNKNOWN');
  assert.deepEqual([error.fields.host, error.fields.fingerprint], ['bastion.example.com', null]);
});

test('behind a jump host, the key is that of the host itself', () =>
  assert.equal(hostKeyOf(`${throughJump}\n${met}`), 'SHA256:g3CoB+3ZOwO+pvsaJ5rActCPh1RT1KRO9+eqJuBAayU'));

test('a jump host that lets us in is not the host itself', () => {
  const bastion = 'Authenticated to 10.0.0.1 ([10.0.0.1]:22) using "publickey".\r\n';
  const host = 'Authenticated to 203.0.113.7 (via proxy) using "publickey".\r\n';
  const straight = 'Authenticated to 203.0.113.7 ([203.0.113.7]:22) using "publickey".\r\n';
  const about = { host: '203.0.113.7', through: 'bastion' };
  assert.deepEqual(
    [bastion, bastion + host, straight].map((said) => wasLetIn(said, about)),
    [false, true, false],
  );
  assert.equal(wasLetIn(straight, { ...about, through: null }), true);
});
