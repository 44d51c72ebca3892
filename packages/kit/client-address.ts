/** Whose request it is, behind proxies: a header that anybody can write counts only as far as trusted proxies wrote it. */
import { BlockList, isIP, SocketAddress } from 'node:net';

export type TrustedProxies = {
  /** False for anything that is no address. */
  includes(address: string): boolean;
  /** Whether a peer on a unix socket, which has no address, is trusted. */
  readonly unixSocket: boolean;
};

const NAMED_RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  linklocal: ['169.254.0.0/16', 'fe80::/10'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
};

/**
 * @param ranges addresses, ranges like 10.0.0.0/8, or the words `loopback`, `private`, `linklocal` and `unix`
 * @throws TypeError for anything else
 */
export const parseTrustedProxies = (ranges: readonly string[]): TrustedProxies => {
  const list = new BlockList();
  for (const range of ranges.flatMap((word) => NAMED_RANGES[word] ?? [word]).filter((word) => word !== 'unix'))
    addRange(list, range);
  return {
    includes: (address) => {
      const plain = normaliseAddress(address);
      return plain !== null && list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
    },
    unixSocket: ranges.includes('unix'),
  };
};

/** For a list variable: what is expected of one of its items, or null when it is right. */
export const eachTrustedProxy = (item: string): string | null => {
  try {
    parseTrustedProxies([item]);
    return null;
  } catch {
    return 'an address, a range like 10.0.0.0/8, or loopback, private, linklocal, unix';
  }
};

/**
 * The address of the client: the rightmost in X-Forwarded-For that is not a trusted proxy's, when the peer is one itself.
 * What stands left of anything that is no address is not believed either, since nobody trusted has vouched for it.
 * @param remoteAddress of the socket; undefined for a unix socket
 * @returns a normalised address (IPv4-mapped IPv6 as IPv4), or `unknown` for a unix socket without a believable header
 */
export const clientAddress = (
  remoteAddress: string | undefined,
  xForwardedFor: string | readonly string[] | undefined,
  trusted: TrustedProxies,
): string => {
  const peer = normaliseAddress(remoteAddress ?? '');
  const isTrusted = peer === null ? trusted.unixSocket : trusted.includes(peer);
  let client = peer ?? 'unknown';
  if (!isTrusted || xForwardedFor === undefined) return client;
  const hops = (typeof xForwardedFor === 'string' ? [xForwardedFor] : xForwardedFor).join(',').split(',');
  for (const hop of hops.toReversed()) {
    if (hop.trim() === '') continue;
    const address = normaliseAddress(withoutPort(hop.trim()));
    if (address === null) return client;
    client = address;
    if (!trusted.includes(address)) return client;
  }
  return client;
};

/** What to count a client by: an IPv6 client has a whole /64 to take addresses from. */
export const addressKey = (address: string): string => {
  const plain = normaliseAddress(address);
  if (plain === null || isIP(plain) === 4) return plain ?? address;
  return `${ipv6Groups(plain).slice(0, 4).join(':')}::/64`;
};

/** Lower case, shortest form, IPv4-mapped as IPv4, without a zone; null for what is no address. */
const normaliseAddress = (text: string): string | null => {
  const family = isIP(text);
  if (family === 0) return null;
  if (family === 4) return text;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  return mapped ?? address;
};

/** `1.2.3.4:5678` and `[::1]:80`, as some proxies write it. */
const withoutPort = (hop: string): string => /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;

/** Eight groups without leading zeros, from the shortest form. */
const ipv6Groups = (address: string): string[] => {
  const [head = '', tail] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  if (tail === undefined) return before;
  // A dotted end takes two groups; it is never among the first four that anybody asks for.
  const after = tail === '' ? [] : tail.replace(/\d+\.\d+\.\d+\.\d+$/, '0:0').split(':');
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
};

const addRange = (list: BlockList, range: string): void => {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(range) ?? [];
  const family = isIP(address);
  const bits = family === 6 ? 128 : 32;
  if (family === 0 || Number(prefix ?? bits) > bits)
    throw new TypeError(`${JSON.stringify(range)} is neither an address nor a range`);
  list.addSubnet(address, Number(prefix ?? bits), family === 6 ? 'ipv6' : 'ipv4');
};
