/** Checks an app's directory and sends it; the answer is the queued deploy. */
import { manifestInvalid } from '@berth/core';
import { resolveHome } from '@berth/host';
import type { Client, Operation } from '@berth/protocol';
import { readAppDirectory } from './app-directory.ts';
import { cancelled } from './errors.ts';
import type { Session } from './session.ts';
import { packSource } from './sources.ts';

export const submitSource = async (
  session: Session,
  client: Client,
  what: { readonly directory: string; readonly force: boolean },
): Promise<Operation> => {
  const { env, terminal, json } = session;
  const app = await readAppDirectory(what.directory);
  if (app.problems.length > 0) throw manifestInvalid(app.problems);
  if (!json && terminal.live) terminal.err.write(terminal.style.dim(`sending ${app.directory} …`));
  const leaving = new AbortController();
  const interrupted = (): void => leaving.abort();
  process.once('SIGINT', interrupted);
  try {
    const body = packSource(app.directory, { except: resolveHome(env.variables, env.uid) });
    return await client.call('deploy', { query: { force: what.force }, body, signal: leaving.signal });
  } catch (thrown) {
    if (leaving.signal.aborted) throw cancelled(`nothing of ${app.directory} was deployed`);
    throw thrown;
  } finally {
    process.off('SIGINT', interrupted);
    if (!json && terminal.live) terminal.err.write('\r\x1b[K');
  }
};
