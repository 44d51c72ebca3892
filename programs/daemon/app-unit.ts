/**
 * What the unit of an app runs: `systemctl start|stop|restart|reload APP` becomes Berth's own operation. It decides from
 * how things are, so that the daemon may start and stop the unit to show how the app is without anything coming of it.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { exec, showUnit } from '@berth/host';
import { type Client, createClient } from '@berth/protocol';
import { takeOwnStop } from '@berth/runtime';

/** Between the two halves of a `systemctl restart`. */
const MARKS = '/run/berth';

const act = async (verb: string, app: string, { client, unit }: { client: Client; unit: string }): Promise<number> => {
  const mark = `${MARKS}/restart-${unit}`;
  if (verb === 'stop') {
    if (await isShuttingDown()) return 0;
    const invocation = (await showUnit(unit, ['InvocationID']))?.InvocationID ?? '';
    if (takeOwnStop(unit, invocation)) return 0;
    if (await isRestarting(unit)) {
      mkdirSync(MARKS, { recursive: true, mode: 0o700 });
      writeFileSync(mark, '');
      return 0;
    }
  }
  if (!(await isAnswering(client))) await exec(['systemctl', 'start', 'berthd.service']);
  const { apps } = await client.call('status', {});
  const state = apps.find((it) => it.app === app)?.state;
  if (state === undefined) return 0;
  const isRestart = verb === 'reload' || existsSync(mark);
  rmSync(mark, { force: true });
  if (verb === 'stop') return state === 'stopped' ? 0 : finish(client, 'stop', app);
  if (state === 'stopped') return finish(client, 'start', app);
  return isRestart ? finish(client, 'restart', app) : 0;
};

const finish = async (client: Client, what: 'start' | 'stop' | 'restart', app: string): Promise<number> => {
  const params = { app };
  const { id } = await (what === 'restart' ? client.call('restart', { params, body: {} }) : client.call(what, { params }));
  for await (const { name } of client.stream('events', { query: { operation: id, follow: true } }))
    if (name === 'operation.step.failed') process.stderr.write(`berth ${what} ${app}: a step failed\n`);
  const { state, error } = await client.call('operation', { params: { id } });
  if (state === 'succeeded') return 0;
  process.stderr.write(`berth ${what} ${app}: ${error?.message ?? state}\n${error?.hint ?? ''}\n`);
  return 1;
};

const isAnswering = (client: Client): Promise<boolean> =>
  client.call('settings', {}).then(
    () => true,
    () => false,
  );

const isShuttingDown = async (): Promise<boolean> =>
  (await exec(['systemctl', 'is-system-running'])).stdout.trim() === 'stopping';

/** While its first half is under way the job is called "restart". */
const isRestarting = async (unit: string): Promise<boolean> => {
  const { stdout } = await exec(['systemctl', 'list-jobs', '--no-legend', '--plain', '--no-pager', '--full']);
  return stdout.split('\n').some((line) => {
    const [, name, type] = line.trim().split(/\s+/);
    return name === unit && type === 'restart';
  });
};

const [verb = '', app = '', socketPath = '', unit = ''] = process.argv.slice(2);
process.exitCode = await act(verb, app, { client: createClient({ socketPath, by: 'systemctl' }), unit });
