/** Where a server is, as a person writes it. Everything that is not said here is left to ~/.ssh/config. */
import { destinationInvalid } from './errors.ts';

export type Destination = {
  readonly host: string;
  readonly user: string | null;
  readonly port: number | null;
  /** File of a private key. */
  readonly identity: string | null;
  /** As `ssh -J` takes them: `user@bastion:22,other`. */
  readonly jump: string | null;
};

/** `root@host`, `host`, `root@[2001:db8::1]`, `ssh://root@host:2222`. Throws SERVER_DESTINATION_INVALID. */
export const parseDestination = (
  text: string,
  { port = null, identity = null, jump = null }: Partial<Omit<Destination, 'host' | 'user'>> = {},
): Destination => {
  const found = /^(?:ssh:\/\/)?(?:([^@\s/]+)@)?(\[[0-9a-fA-F:.%\w]+\]|[^@\s/[\]]+)\/?$/.exec(text);
  const [, user = null, written = ''] = found ?? [];
  const bracketed = /^\[(.*)\]$/.exec(written)?.[1];
  // Only in a URL is `:2222` a port; elsewhere ssh takes it for a part of the name, and an IPv6 address has many of them.
  const [, urlHost = null, urlPort = null] = text.startsWith('ssh://') ? (/^([^:]+):(\d+)$/.exec(written) ?? []) : [];
  const host = bracketed ?? urlHost ?? written;
  const unfit = host === '' || host.startsWith('-') || user?.startsWith('-') === true || /[\s'"`$;&|<>\\]/.test(`${user}${host}`);
  if (unfit) throw destinationInvalid(text);
  return { host, user, port: port ?? (urlPort === null ? null : Number(urlPort)), identity, jump };
};

/** For people, and as it may be typed again. */
export const destinationText = ({ user, host }: Pick<Destination, 'user' | 'host'>): string =>
  `${user === null ? '' : `${user}@`}${host.includes(':') ? `[${host}]` : host}`;
