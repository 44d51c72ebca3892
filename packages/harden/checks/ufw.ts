/** ufw, where its owner has chosen it: it is asked for rules, and nothing of ours stands beside it. */
import type { HostAccess } from '../host-access.ts';

export type UfwStatus = {
  readonly active: boolean;
  readonly deniesByDefault: boolean;
  /** As ufw writes them, "22/tcp": what anybody may reach. */
  readonly open: readonly string[];
};

export const readUfw = async (host: Pick<HostAccess, 'run'>): Promise<UfwStatus> => {
  const { exitCode, stdout } = await host.run(['ufw', 'status', 'verbose']);
  return exitCode === 0 ? parseUfw(stdout) : { active: false, deniesByDefault: false, open: [] };
};

export const parseUfw = (text: string): UfwStatus => {
  const rules = [...text.matchAll(/^(\S+)(?: \(v6\))?\s+(?:ALLOW|LIMIT)(?: IN)?\s+Anywhere/gm)].map(([, to = '']) => to);
  return {
    active: /^Status: active$/m.test(text),
    deniesByDefault: /^Default: (?:deny|reject) \(incoming\)/m.test(text),
    open: [...new Set(rules)],
  };
};
