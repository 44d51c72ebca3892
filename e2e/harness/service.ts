/** berthd as a service of the machine that the story runs in, from the sources. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execOk, readProcess } from '@berth/host';
import { type Client, createClient, type Receipt } from '@berth/protocol';
import { renderDaemonUnit } from '@berth/runtime';
import { freePorts, waitUntil } from '@berth/testing';
import { berth } from './command.ts';
import { finished } from './platform.ts';
import { archive, type SourceFiles } from './source.ts';

export const HOME = '/var/lib/berth';
const ROOT = join(import.meta.dirname, '..', '..');

export type Service = { readonly client: Client; readonly httpPort: number };

/** `berth up`, on a machine whose berthd is a service that was installed and not started yet. */
export const installService = async (): Promise<Service> => {
  writeFileSync('/etc/systemd/system/berthd.service', renderDaemonUnit({ root: ROOT }));
  await execOk(['systemctl', 'daemon-reload']);
  await execOk(['systemctl', '--quiet', 'enable', 'berthd']);
  const [httpPort = 0] = await freePorts(1);
  const up = await berth(HOME, ['up', '--detach', '--tls', 'off', '--http', String(httpPort)]);
  assert.equal(up.code, 0, up.stderr);
  return { client: createClient({ socketPath: join(HOME, 'run', 'berthd.sock'), by: 'story' }), httpPort };
};

export const deploy = async ({ client }: Service, files: SourceFiles): Promise<Receipt> => {
  const receipt = await finished(client, await client.call('deploy', { body: archive(files), query: {} }));
  assert.equal(receipt.ok, true, JSON.stringify(receipt.error));
  return receipt;
};

export const show = async (unit: string, property: string): Promise<string> =>
  (await execOk(['systemctl', 'show', '--value', `--property=${property}`, unit])).stdout.trim();

export const daemonPid = async (): Promise<number> => Number(await show('berthd', 'MainPID'));

/** As the kernel or an administrator might; resolves when systemd has it up again. */
export const killDaemon = async ({ client }: Service): Promise<void> => {
  const pid = await daemonPid();
  process.kill(pid, 'SIGKILL');
  await waitUntil(() => readProcess(pid) === null, { what: 'berthd to be gone', withinMs: 10_000 });
  await untilAnswering(client);
};

export const untilAnswering = (client: Client): Promise<unknown> =>
  waitUntil(() => client.call('settings', {}).then(Boolean, () => false), { what: 'berthd to answer', withinMs: 60_000 });

/** Instances of an app, as the daemon sees them. */
export const instancesOf = async ({ client }: Service, app: string) =>
  (await client.call('status', {})).apps.find((it) => it.app === app)?.services.flatMap((service) => service.instances) ?? [];

/** The edge's processes: pid by name. */
export const edgePids = async ({ client }: Service): Promise<string> =>
  JSON.stringify((await client.call('status', {})).edge.processes.map(({ name, pid }) => [name, pid]));

/** Units of instances that run, by systemd's own word. */
export const runningUnits = async (app: string): Promise<string[]> => {
  const list = [
    'systemctl',
    'list-units',
    '--plain',
    '--no-legend',
    '--no-pager',
    '--full',
    '--state=running',
    `${app}-*.service`,
  ];
  return (await execOk(list)).stdout.split('\n').flatMap((line) => line.split(' ')[0] || []);
};
