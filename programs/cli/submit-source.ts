/** Checks an app's directory and sends its source; the answer is the queued deploy. */
import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { manifestInvalid } from '@berth/core';
import { resolveHome } from '@berth/host';
import type { Client, Operation } from '@berth/protocol';
import { readAppDirectory } from './app-directory.ts';
import { cancelled } from './errors.ts';
import { findCommit } from './source-commit.ts';
import type { Session } from './session.ts';
import { planSource, type SourceLayout } from './source-layout.ts';
import { packSource } from './sources.ts';

export const submitSource = async (
  session: Session,
  client: Client,
  what: { readonly directory: string; readonly force: boolean },
): Promise<Operation> => {
  const { env, terminal, json } = session;
  const layout = await checkSource(what.directory);
  const own = join(layout.root, layout.directory);
  if (!json && terminal.live) terminal.err.write(terminal.style.dim(`sending ${own} …`));
  const leaving = new AbortController();
  const interrupted = (): void => leaving.abort();
  process.once('SIGINT', interrupted);
  try {
    const home = resolveHome(env.variables, env.uid);
    const { signal } = leaving;
    const commit = await findCommit(layout, { variables: env.variables, signal });
    const body = packSource(layout, { except: await realpath(home).catch(() => home) });
    const query = {
      force: what.force,
      ...(layout.directory !== '.' && { directory: layout.directory }),
      ...(commit && { commit: commit.hash, dirty: commit.dirty }),
    };
    return await client.call('deploy', { query, body, signal });
  } catch (thrown) {
    if (leaving.signal.aborted) throw cancelled(`nothing of ${own} was deployed`);
    throw thrown;
  } finally {
    process.off('SIGINT', interrupted);
    if (!json && terminal.live) terminal.err.write('\r\x1b[K');
  }
};

/** Everything about a source that can be known to be wrong before anything is sent or started. */
export const checkSource = async (directory: string): Promise<SourceLayout> => {
  const app = await readAppDirectory(directory);
  if (app.manifest === null) throw manifestInvalid(app.problems);
  return planSource(app.directory, app.manifest);
};
