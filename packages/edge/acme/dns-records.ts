import { Resolver } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { exec } from '@berth/host';
import { hookFailed, recordNotSeen } from './errors.ts';

export type DnsOptions = {
  /** A command that writes and removes TXT records: its words, before `present|cleanup DOMAIN NAME VALUE`. */
  readonly hook: readonly string[];
  /** The one DNS server to ask (address, with port if it is not 53). null: the machine's, and then the zone's own servers. */
  readonly resolver: string | null;
  readonly hookMs?: number;
  readonly withinMs?: number;
  readonly everyMs?: number;
};

/**
 * Writes the record, waits until every name server of its zone has it, and gives back what removes it again. Throws
 * ACME_DNS_HOOK_FAILED or ACME_DNS_RECORD_NOT_SEEN; then nothing is left to be removed.
 */
export const presentRecord = async (
  options: DnsOptions,
  { domain, name, value }: { domain: string; name: string; value: string },
  signal: AbortSignal,
): Promise<() => Promise<void>> => {
  const run = (verb: 'present' | 'cleanup', until: AbortSignal | undefined): Promise<void> =>
    runHook([...options.hook, verb, domain, name, value], { timeoutMs: options.hookMs ?? HOOK_MS, signal: until });
  // Removed also when we are asked to stop.
  const cleanup = () => run('cleanup', undefined);
  await run('present', signal);
  try {
    await waitForRecord(options, { name, value }, signal);
  } catch (error) {
    await cleanup().catch(() => undefined); // the record that nobody sees is the news
    throw error;
  }
  return cleanup;
};

const HOOK_MS = 120_000;
/** Providers publish within minutes; the slowest that are known take ten. */
const SEEN_WITHIN_MS = 600_000;
const LOOK_MS = 5_000;
const ANSWER_MS = 3_000;

const runHook = async (
  argv: readonly string[],
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal | undefined },
): Promise<void> => {
  const result = await exec(argv, { timeoutMs, signal }).catch((cause: unknown) => {
    if (signal?.aborted) throw cause;
    throw hookFailed(argv, cause instanceof Error ? cause.message : String(cause), cause);
  });
  if (result.exitCode !== 0) throw hookFailed(argv, `${result.stdout}\n${result.stderr}`.slice(-4_000));
};

const waitForRecord = async (
  options: DnsOptions,
  { name, value }: { name: string; value: string },
  signal: AbortSignal,
): Promise<void> => {
  const { withinMs = SEEN_WITHIN_MS, everyMs = LOOK_MS } = options;
  const giveUpAt = performance.now() + withinMs;
  for (;;) {
    const answers = await askServers(options.resolver, name);
    if (answers.length > 0 && answers.every(({ values }) => values.includes(value))) return;
    if (performance.now() + everyMs >= giveUpAt)
      throw recordNotSeen(
        name,
        answers.map(({ server, values, error }) => `${server} ${error ?? `has ${values.join(', ')}`}`),
        Math.round(withinMs / 1_000),
      );
    await sleep(everyMs, undefined, { signal });
  }
};

type ServerAnswer = { readonly server: string; readonly values: readonly string[]; readonly error: string | null };

/** What each server that the authority may ask says. */
const askServers = async (resolver: string | null, name: string): Promise<readonly ServerAnswer[]> => {
  if (resolver !== null) return [await askFor(name, resolver)];
  const machine = createResolver(null);
  const target = await followAliases(machine, name);
  const addresses = await serversOf(machine, target);
  // A zone of a private network has no servers that can be found: those of the machine know it.
  return Promise.all((addresses.length > 0 ? addresses : machine.getServers()).map((server) => askFor(target, server)));
};

const askFor = async (name: string, server: string): Promise<ServerAnswer> => {
  try {
    const records = await createResolver(server).resolveTxt(name);
    return { server, values: records.map((parts) => parts.join('')), error: null };
  } catch (error) {
    return { server, values: [], error: (error as NodeJS.ErrnoException).code ?? String(error) };
  }
};

/** _acme-challenge is often an alias of a name in a zone that a program may write to. */
const followAliases = async (resolver: Resolver, name: string): Promise<string> => {
  let at = name;
  for (let hops = 0; hops < 8; hops += 1) {
    const [next] = await resolver.resolveCname(at).catch(() => []);
    if (next === undefined) return at;
    at = next;
  }
  return at;
};

/** The addresses of the name servers of the zone that a name is in: that of the closest parent which has any. */
const serversOf = async (resolver: Resolver, name: string): Promise<readonly string[]> => {
  const labels = name.split('.');
  for (let from = 0; from < labels.length - 1; from += 1) {
    const servers = await resolver.resolveNs(labels.slice(from).join('.')).catch(() => []);
    const addresses = await Promise.all(servers.map((server) => resolver.resolve4(server).catch(() => [])));
    if (addresses.some((each) => each.length > 0)) return addresses.flat();
  }
  return [];
};

const createResolver = (server: string | null): Resolver => {
  const resolver = new Resolver({ timeout: ANSWER_MS, tries: 2 });
  if (server !== null) resolver.setServers([server]);
  return resolver;
};
