import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exec } from '@berth/host';
import type { Foreground, InstanceSpec } from '../driver.ts';
import { checkLaunchable } from '../process/launch.ts';
import { renderEnterScript } from './enter-script.ts';
import { credentialsDirectory, foregroundCommand } from './unit.ts';
import { appSlice, instanceUnit } from './unit-name.ts';

/** A unit that has the streams of the command that waits for it. */
export const prepareForeground = (spec: InstanceSpec, { directory, tag }: { directory: string; tag: string }): Foreground => {
  checkLaunchable(spec, 0);
  const unit = instanceUnit(spec, tag);
  const own = join(directory, `.${unit}`);
  const enterFile = join(own, 'enter');
  mkdirSync(own, { mode: 0o700 });
  writeFileSync(enterFile, renderEnterScript(spec, credentialsDirectory(unit)), { mode: 0o600 });
  return {
    argv: foregroundCommand(spec, { unit, slice: appSlice(spec.app, tag), enterFile }),
    async end() {
      // Before the unit is asked for: one that comes late finds nothing to become.
      rmSync(own, { recursive: true, force: true });
      await exec(['systemctl', 'stop', '--', unit]);
    },
  };
};
