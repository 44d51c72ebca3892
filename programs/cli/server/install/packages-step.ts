import { setTimeout as delay } from 'node:timers/promises';
import { ensureTools, exec, type Logger, silentLogger, wasInstallKilled } from '@berth/host';
import { interruptedInstallation } from '../errors.ts';
import { SERVER_HOME } from './places.ts';
import type { InstallStep } from './step.ts';

type Options = { readonly path: string; readonly tell: (text: string) => void };

/** HAProxy and nginx; the services that their packages bring stay off. */
export const packagesStep = ({ path, tell }: Options): InstallStep => ({
  name: 'packages',
  title: 'system packages',
  async inspect() {
    const { stdout } = await exec(['dpkg', '--audit'], { timeoutMs: 60_000 });
    const wanted = ['haproxy', 'nginx'];
    const found = await Promise.all(wanted.map((name) => isInstalled(name)));
    return [
      ...(stdout.trim() === '' && !wasInstallKilled() ? [] : ['finish an installation that was interrupted']),
      ...wanted.filter((_, index) => found[index] === false).map((name) => `install ${name}`),
    ];
  },
  async apply() {
    await finishInterrupted();
    await ensureTools({ parts: `${SERVER_HOME}/parts`, uid: 0, path, log: telling(tell) });
  },
});

/** An installation that outlived whoever began it holds the lock until its end; then there is nothing left to finish. */
const finishInterrupted = async (): Promise<void> => {
  const argv = [
    'env',
    'DEBIAN_FRONTEND=noninteractive',
    'LC_ALL=C',
    'dpkg',
    '--configure',
    '-a',
    '--force-confdef',
    '--force-confold',
  ];
  for (const until = Date.now() + LOCK_LIMIT_MS; ; await delay(LOCK_POLL_MS)) {
    const result = await exec(argv, { timeoutMs: 600_000 });
    if (result.exitCode === 0) return;
    if (!/lock/.test(result.stderr) || Date.now() > until) throw interruptedInstallation(result.stderr.trim());
  }
};

const LOCK_LIMIT_MS = 180_000;
const LOCK_POLL_MS = 500;

const isInstalled = async (name: string): Promise<boolean> => {
  const { stdout } = await exec(['dpkg-query', '--show', '--showformat', '${db:Status-Abbrev}', name]);
  return stdout.startsWith('ii');
};

const telling = (tell: (text: string) => void): Logger => ({
  ...silentLogger,
  info(event, fields) {
    if (event === 'tools.missing') tell(`installing ${String(fields?.missing)}`);
    if (event === 'tools.installed') tell(`installed ${String(fields?.installed)}`);
  },
});
