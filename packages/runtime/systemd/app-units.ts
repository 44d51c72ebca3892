import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Exec, exec as execCommand, type Logger, showUnit, writeFileAtomic } from '@berth/host';
import { type AppUnit, appOfUnit, appUnitNames, renderAppUnit } from './app-unit.ts';
import { markOwnStop } from './own-stop.ts';

export type AppUnitsDeps = Omit<AppUnit, 'app'> & {
  readonly log: Logger;
  /** Where an administrator's units are. */
  readonly directory?: string;
  readonly exec?: Exec;
};

/** `isRunning` null: it is just being changed, and the unit stays as it is. */
export type WantedApp = { readonly app: string; readonly isRunning: boolean | null };

/** Keeps one unit for each app, active while it runs. Idempotent. */
export interface AppUnits {
  sync(apps: readonly WantedApp[]): Promise<void>;
}

export const createAppUnits = (deps: AppUnitsDeps): AppUnits => {
  const { home, log, directory = '/etc/systemd/system', exec = execCommand } = deps;
  const warned = new Set<string>();

  const ownUnits = (): ReadonlyMap<string, { app: string; text: string }> =>
    new Map(
      readdirSync(directory)
        .filter((name) => name.endsWith('.service'))
        .flatMap((name) => {
          const text = readIfFile(join(directory, name));
          const app = text === null ? null : appOfUnit(text, home);
          return app === null || text === null ? [] : [[name, { app, text }] as const];
        }),
    );

  /** null when both names belong to somebody else. */
  const chooseUnit = async (app: string, own: ReadonlyMap<string, unknown>): Promise<string | null> => {
    const names = appUnitNames(app);
    for (const unit of names) {
      if (own.has(unit)) return unit;
      const found = await showUnit(unit, ['LoadState', 'FragmentPath'], exec);
      if (found?.LoadState === 'not-found') return unit;
      if (!warned.has(unit)) log.warn('app-unit.foreign', { app, unit, file: found?.FragmentPath ?? '' });
      warned.add(unit);
    }
    return null;
  };

  const remove = async (unit: string): Promise<void> => {
    rmSync(join(directory, unit), { force: true });
    await exec(['systemctl', 'daemon-reload']);
    // Of a unit without a file nothing is run when it is stopped.
    await exec(['systemctl', 'stop', '--no-block', '--', unit]);
    await exec(['systemctl', 'reset-failed', '--', unit]);
  };

  const align = async (unit: string, isRunning: boolean): Promise<void> => {
    const { ActiveState: active = '', InvocationID: invocation = '' } =
      (await showUnit(unit, ['ActiveState', 'InvocationID'], exec)) ?? {};
    if (isRunning && ['inactive', 'failed', 'deactivating'].includes(active))
      await exec(['systemctl', 'start', '--no-block', '--', unit]);
    if (isRunning || active !== 'active') return;
    markOwnStop(unit, invocation);
    await exec(['systemctl', 'stop', '--no-block', '--', unit]);
  };

  return {
    async sync(apps) {
      const own = ownUnits();
      for (const [unit, { app }] of own) if (!apps.some((it) => it.app === app)) await remove(unit);
      for (const { app, isRunning } of apps) {
        const unit = await chooseUnit(app, own);
        if (unit === null) continue;
        const text = renderAppUnit({ ...deps, app }, unit);
        if (own.get(unit)?.text !== text) {
          await writeFileAtomic(join(directory, unit), text, 0o644);
          await exec(['systemctl', 'daemon-reload']);
        }
        if (isRunning !== null) await align(unit, isRunning);
      }
    },
  };
};

const readIfFile = (file: string): string | null => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    // A link to nowhere, or a directory: not one of ours.
    if (['ENOENT', 'EISDIR', 'ELOOP'].includes((cause as NodeJS.ErrnoException).code ?? '')) return null;
    throw cause;
  }
};
