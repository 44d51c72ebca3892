/** The demo in a running site, as soon as its content is there: the sizes of its pictures go on being made by the site itself. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { waitUntil } from '@berth/testing';
import type { AppProcess } from '../../testing/app-process.ts';
import type { PanelClient } from '../../testing/panel-client.ts';

/** Pictures are drawn for it, some ninety. */
const PATIENCE_MS = 240_000;

/** Resolves when visitors can see all of it. The command is ended before it has drawn each size, and the site is started anew. */
export async function fillWithDemo(app: AppProcess, directory: string): Promise<void> {
  const demo = spawn(process.execPath, [path.join(directory, 'command.ts'), 'demo'], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', DATABASE_PATH: app.database, UPLOADS_PATH: app.uploads },
  });
  const closed = once(demo, 'close');
  try {
    using panel = await app.panel();
    // The last things that it makes.
    await waitUntil(async () => demo.exitCode !== null || (await hasLeads(panel)), {
      what: 'the demo',
      withinMs: PATIENCE_MS,
      everyMs: 500,
    });
  } finally {
    demo.kill('SIGTERM');
    await closed;
  }
  if (demo.exitCode !== null && demo.exitCode !== 0) throw new Error(`the demo ended with ${demo.exitCode}`);
  await app.end('SIGTERM');
  await app.start();
}

const hasLeads = async (panel: PanelClient): Promise<boolean> =>
  /\b[1-9]\d* leads/.test(await panel.page('/admin/leads')) &&
  /\b[1-9]\d* messages/.test(await panel.page('/admin/contact/submissions'));
