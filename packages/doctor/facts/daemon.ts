import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HomeLayout, readProcess } from '@berth/host';
import { type Client, createClient, type PlatformStatus } from '@berth/protocol';

export type DaemonFact =
  | { readonly state: 'up'; readonly pid: number; readonly client: Client; readonly status: PlatformStatus }
  /** It lives and does not answer. */
  | { readonly state: 'silent'; readonly pid: number; readonly status: null; readonly reason: string }
  /** `asked`: somebody stopped it with `berth down`. */
  | { readonly state: 'down'; readonly pid: null; readonly status: null; readonly asked: boolean; readonly reason: string }
  /** The socket is another user's. */
  | { readonly state: 'forbidden'; readonly pid: null; readonly status: null; readonly reason: string };

export const findDaemon = async (layout: HomeLayout, answerMs: number): Promise<DaemonFact> => {
  const client = createClient({ socketPath: layout.socket, by: 'doctor' });
  try {
    const status = await client.call('status', { signal: AbortSignal.timeout(answerMs) });
    return { state: 'up', pid: status.daemon.pid, client, status };
  } catch (thrown) {
    const { code, message } = thrown as { code?: unknown; message: string };
    if (code === 'PLATFORM_FORBIDDEN') return { state: 'forbidden', pid: null, status: null, reason: message };
    const pid = recordedPid(layout);
    if (pid !== null) return { state: 'silent', pid, status: null, reason: message };
    return { state: 'down', pid: null, status: null, asked: existsSync(join(layout.home, 'down')), reason: message };
  }
};

/** null when that process has ended; a pid that was given to another program since is not the daemon. */
const recordedPid = (layout: HomeLayout): number | null => {
  if (!existsSync(layout.daemonRecord)) return null;
  const { pid } = JSON.parse(readFileSync(layout.daemonRecord, 'utf8')) as { pid: number };
  const found = readProcess(pid);
  return found !== null && found.state !== 'Z' && /node|berthd|MainThread/.test(found.name) ? pid : null;
};
