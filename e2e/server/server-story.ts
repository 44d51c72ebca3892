/** A machine, a laptop that makes a server of it, and the words that this takes. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { bootMachine, type Machine, type Suite } from '@berth/testing';
import { Laptop, type Typed } from './laptop.ts';

export const SERVER = 'prod';
export const DOMAIN = 'example.net';

type Row = { readonly check: string; readonly state: string; readonly says: string };

export class ServerStory implements AsyncDisposable {
  readonly machine: Machine;
  readonly laptop: Laptop;
  readonly #stack: AsyncDisposableStack;

  private constructor(machine: Machine, laptop: Laptop, stack: AsyncDisposableStack) {
    this.machine = machine;
    this.laptop = laptop;
    this.#stack = stack;
  }

  static async open(suite: Suite): Promise<ServerStory> {
    await using stack = new AsyncDisposableStack();
    const laptop = stack.use(await Laptop.open());
    const machine = stack.use(await bootMachine({ suite }));
    return new ServerStory(machine, laptop, stack.move());
  }

  /** SHA256:… as the console of a provider shows it. */
  get fingerprint(): string {
    const file = join(this.machine.root, 'etc/ssh/ssh_host_ed25519_key.pub');
    return execFileSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' }).split(' ')[1] ?? '';
  }

  /** `server add` with everything that it may have to be told. */
  get adding(): string[] {
    const { machine } = this;
    return ['server', 'add', `root@${machine.address}`, '--name', SERVER, '--identity', machine.sshKey, '--yes'].concat([
      '--domain',
      DOMAIN,
      '--accept-host-key',
      this.fingerprint,
    ]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync();
  }
}

/** The table of checks that `server add` ends with. */
const checksOf = (stdout: string): Row[] => {
  const lines = stdout.split('\n');
  const from = lines.findIndex((line) => /^CHECK\s+STATE/.test(line));
  const rows = lines.slice(from + 1, lines.indexOf('', from + 1));
  return rows.map((line) => {
    const [check = '', state = '', ...says] = line.split(/ {2,}/);
    return { check, state, says: says.join('  ') };
  });
};

/** Everything is in order, and nothing that was to be looked at was left out. */
export const assertAllWell = ({ code, stdout, stderr }: Typed): void => {
  const rows = checksOf(stdout);
  const wrong = rows.filter(({ state }) => state !== 'ok').map(({ check, state, says }) => `${check} ${state}: ${says}`);
  assert.deepEqual(wrong, [], stderr);
  const checks = rows.map(({ check }) => check);
  for (const check of EXPECTED_CHECKS) assert.ok(checks.includes(check), `${check} was looked at:\n${stdout}`);
  assert.equal(code, 0, `${stderr}\n${stdout}`);
};

const EXPECTED_CHECKS = [
  'berthd',
  'version',
  'edge on 80',
  'edge on 443',
  'other ports',
  'sshd',
  'firewall',
  'fail2ban',
  'files',
];
