/** Whether a page of another site is behind a request: browsers ask no permission for a WebSocket or a form. */

export type OriginQuestion = {
  /** The Origin header. Programs that are no browsers send none. */
  readonly origin: string | undefined;
  /** The Host header. */
  readonly host: string | undefined;
  /** X-Forwarded-Host, only if a trusted proxy sent it. */
  readonly forwardedHost?: string | undefined;
  /** Further origins: `https://app.example.com`, or the word `null` for sandboxed pages and files. */
  readonly allowed: readonly string[];
};

/** True without an Origin, for the host's own origin (with its port, under http or https), and for those in the list. */
export const isAllowedOrigin = ({ origin, host, forwardedHost, allowed }: OriginQuestion): boolean => {
  if (origin === undefined) return true;
  if (allowed.some((entry) => comparable(entry) === comparable(origin))) return true;
  if (!/^https?:\/\//i.test(origin) || eachOrigin(origin) !== null) return false;
  const { protocol, host: originHost } = new URL(origin);
  const forwarded = forwardedHost?.split(',', 1)[0]?.trim();
  return [host, forwarded].some((name) => hostUnder(protocol, name) === originHost);
};

/** For a list variable: what is expected of one of its items, or null when it is right. */
export const eachOrigin = (item: string): string | null => {
  if (item === 'null') return null;
  const isOrigin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s\\]+$/i.test(item) && URL.canParse(item);
  return isOrigin ? null : 'an origin like https://app.example.com, without a path';
};

/** Without the default port and in lower case. Schemes of apps (`capacitor://localhost`) have no origin in URL's eyes. */
const comparable = (origin: string): string => {
  if (!URL.canParse(origin) || eachOrigin(origin) !== null) return origin;
  const { protocol, host } = new URL(origin);
  return `${protocol}//${host.toLowerCase()}`;
};

/** Null for what cannot be a host, so that it equals no origin's. */
const hostUnder = (protocol: string, host: string | undefined): string | null => {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null;
  const url = `${protocol}//${host}`;
  return URL.canParse(url) ? new URL(url).host : null;
};
