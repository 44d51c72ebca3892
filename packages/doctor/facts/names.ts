import { Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';

export type Resolved =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** The name servers say that there is no such name, or no address of it. */
  | { readonly kind: 'absent' }
  /** They did not say anything. */
  | { readonly kind: 'silence'; readonly code: string };

export interface Names {
  resolve(host: string): Promise<Resolved>;
  /** Addresses of this machine that the Internet can reach; none behind a translating router. */
  readonly ownPublic: readonly string[];
}

/** @param servers `address:port`; null for those of the machine */
export const createNames = (servers: readonly string[] | null, timeoutMs: number): Names => {
  const resolver = new Resolver({ timeout: timeoutMs / 2, tries: 1 });
  if (servers !== null) resolver.setServers(servers);
  const known = new Map<string, Promise<Resolved>>();
  const look = async (host: string): Promise<Resolved> => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const addresses = [v4, v6].flatMap((it) => (it.status === 'fulfilled' ? it.value : []));
    if (addresses.length > 0) return { kind: 'addresses', addresses };
    const codes = [v4, v6].map((it) => (it.status === 'rejected' ? String((it.reason as { code?: unknown }).code) : ''));
    const silent = codes.find((code) => code !== '' && code !== 'ENOTFOUND' && code !== 'ENODATA');
    return silent === undefined ? { kind: 'absent' } : { kind: 'silence', code: silent };
  };
  return {
    resolve(host) {
      const found = known.get(host) ?? look(host);
      known.set(host, found);
      return found;
    },
    ownPublic: Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, address }) => !internal && isPublicAddress(address))
      .map(({ address }) => address),
  };
};

/** Global unicast: neither loopback nor link-local, private (RFC 1918, RFC 4193), nor a carrier's own (RFC 6598). */
export const isPublicAddress = (address: string): boolean =>
  address.includes(':')
    ? /^[23]/.test(address)
    : !/^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./.test(address);
