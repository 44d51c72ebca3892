/** A guide's app on this machine: a platform in a home of its own, with plain processes. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '@berth/testing';
import { StoryPlatform } from '../harness/platform.ts';
import { beginHistory } from './history.ts';
import type { GuideApp, Place, Typed } from './step.ts';

const CLI = join(import.meta.dirname, '../../programs/cli/main.ts');
/** A deploy builds, and a build may install packages. */
const PATIENCE_MS = 420_000;

export async function openProcessPlace(guided: GuideApp): Promise<Place & AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const scratch = opened.use(await temporaryDirectory('berth-guide-'));
  const platform = opened.use(await StoryPlatform.open({ tls: 'on' }));
  const programs = scratch.join('bin');
  mkdirSync(programs);
  writeFileSync(join(programs, 'berth'), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`);
  chmodSync(join(programs, 'berth'), 0o755);
  const host = `${guided.app}.localhost`;
  const { httpPort, httpsPort, home } = platform;
  const backups = scratch.join('backups');
  const elsewhere = scratch.join('elsewhere');
  for (const directory of [backups, elsewhere]) mkdirSync(directory);
  beginHistory(guided.repository, scratch.join('origin.git'));
  const env = {
    ...process.env,
    PATH: `${programs}:${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`,
    BERTH_HOME: home,
    CURL_CA_BUNDLE: join(home, 'edge/authority/root.crt'),
    NO_COLOR: '1',
    TZ: 'UTC',
  };
  /** A guide prints the usual ports; here others may have them. */
  const here = (command: string): string =>
    command
      .replaceAll(String(guided.port.printed), String(guided.port.here))
      .replaceAll(`https://${host}/`, `https://${host}:${httpsPort}/`)
      .replaceAll(`http://${host}/`, `http://${host}:${httpPort}/`);
  const cleanup = opened.move();
  return {
    kind: 'process',
    facts: new Map([
      ['app', guided.app],
      ['home', home],
      ['database', join(home, 'apps', guided.app, 'stores', guided.database)],
      ['stores', join(home, 'apps', guided.app, 'stores')],
      ['backups', backups],
      ['elsewhere', elsewhere],
      ['https', String(httpsPort)],
    ]),
    visitor: {
      ...{ address: '127.0.0.1', port: httpsPort ?? 0, host },
      get authority() {
        return readFileSync(env.CURL_CA_BUNDLE, 'utf8');
      },
    },
    type: (command) =>
      new Promise<Typed>((resolve) => {
        const options = { cwd: guided.directory, env, timeout: PATIENCE_MS, maxBuffer: 64 << 20 };
        execFile('/bin/bash', ['-o', 'pipefail', '-c', here(command)], options, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, output: stdout + stderr });
        });
      }),
    async write(file, text) {
      writeFileSync(join(guided.directory, file), text);
    },
    [Symbol.asyncDispose]: () => cleanup.disposeAsync(),
  };
}
