/** A guide's app on a machine of its own: a bare Debian that `berth server add` made a server of, where its reader sits as root. */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { bootMachine, type Machine, temporaryDirectory } from '@berth/testing';
import { berth } from '../harness/command.ts';
import { beginHistory } from './history.ts';
import type { GuideApp, Place } from './step.ts';

/** What the guides' own commands need, and a bare machine has not. */
const TOOLS = ['curl', 'git', 'sqlite3', 'procps', 'psmisc'];
const HOME = '/var/lib/berth';
const SOURCE = '/root/source';
const ADD_MS = 600_000;
const PATIENCE_MS = 420_000;

/** Needs what `bootMachine` needs; throws with everything that `berth server add` said when that fails. */
export async function openMachinePlace(guided: GuideApp): Promise<Place & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const machine = opened.use(await bootMachine({ suite: 'bookworm', packages: TOOLS }));
  await addServer(machine);
  const inside = (path: string): string => join(machine.root, path);
  cpSync(guided.repository, inside(SOURCE), { recursive: true });
  const directory = join(SOURCE, relative(guided.repository, guided.directory));
  const manifest = inside(join(directory, 'berth.yaml'));
  const { printed, here } = guided.port;
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(`listen: ${here}`, `listen: ${printed}`));
  for (const path of ['/root/backups', '/srv/elsewhere']) mkdirSync(inside(path), { recursive: true });
  beginHistory(inside(SOURCE), inside('/root/origin.git'));
  await machine.execOk(['git', '-C', SOURCE, 'remote', 'set-url', 'origin', '/root/origin.git']);
  const stores = join(HOME, 'apps', guided.app, 'stores');
  const env = { CURL_CA_BUNDLE: join(HOME, 'edge/authority/root.crt'), NO_COLOR: '1', TZ: 'UTC' };
  const cleanup = opened.move();
  return {
    kind: 'machine',
    facts: new Map([
      ['app', guided.app],
      ['home', HOME],
      ['database', join(stores, guided.database)],
      ['stores', stores],
      ['backups', '/root/backups'],
      ['elsewhere', '/srv/elsewhere'],
      ['https', '443'],
    ]),
    visitor: {
      ...{ address: machine.address, port: 443, host: `${guided.app}.localhost` },
      get authority() {
        return readFileSync(inside(join(HOME, 'edge/authority/root.crt')), 'utf8');
      },
    },
    async type(command) {
      const words = ['env', '-C', directory, '/bin/bash', '-o', 'pipefail', '-c', command];
      const { exitCode, stdout, stderr } = await machine.exec(words, { env, timeoutMs: PATIENCE_MS });
      return { code: exitCode ?? -1, output: stdout + stderr };
    },
    async write(file, text) {
      writeFileSync(inside(join(directory, file)), text);
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}

async function addServer({ address, root, sshKey }: Machine): Promise<void> {
  await using laptop = await temporaryDirectory('berth-guide-laptop-');
  const fingerprint = fingerprintOf(readFileSync(join(root, 'etc/ssh/ssh_host_ed25519_key.pub'), 'utf8'));
  const env = {
    HOME: laptop.path,
    XDG_CONFIG_HOME: laptop.join('config'),
    XDG_CACHE_HOME: laptop.join('cache'),
    TMPDIR: laptop.path,
  };
  const words = ['server', 'add', `root@${address}`, '--name', 'guide', '--domain', 'localhost', '--yes'];
  const options = ['--identity', sshKey, '--accept-host-key', fingerprint];
  const { code, stdout, stderr } = await berth(laptop.join('no-platform'), [...words, ...options], { env, withinMs: ADD_MS });
  if (code !== 0) throw new Error(`berth server add ended with ${code}:\n${stderr.slice(-6_000)}${stdout.slice(-2_000)}`);
}

/** As ssh shows it. */
const fingerprintOf = (publicKey: string): string => {
  const [, blob = ''] = publicKey.split(' ');
  return `SHA256:${createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64').replace(/=+$/, '')}`;
};
