/** The app that is meant where none is named: that of the directory the command is run in. */
import { access } from 'node:fs/promises';
import { manifestInvalid } from '@berth/core';
import type { Client } from '@berth/protocol';
import { readAppDirectory } from './app-directory.ts';
import { noApp } from './errors.ts';

/** Null where there is no berth.yaml; throws MANIFEST_INVALID where it does not say which app it is of. */
export const appHere = async (): Promise<string | null> => {
  const exists = await access('berth.yaml').then(
    () => true,
    () => false,
  );
  if (!exists) return null;
  const { manifest, problems } = await readAppDirectory('.');
  if (manifest === null) throw manifestInvalid(problems);
  return manifest.app;
};

/** Throws CLI_USAGE when nothing says which app is meant. `command`: for the hint. */
export const resolveApp = async (client: Client, named: string | undefined, command: string): Promise<string> => {
  const app = named ?? (await appHere());
  if (app !== null) return app;
  const { apps } = await client.call('status', {});
  throw noApp(
    command,
    apps.map((one) => one.app),
  );
};
