import type { Bluejay } from '../bluejay.ts';

const DAY_MS = 86_400_000;
/** It has to say until when it holds, less than a year ahead (RFC 9116, section 2.5.5). */
const HOLDS_MS = 180 * DAY_MS;

/** `/.well-known/security.txt` (RFC 9116): whom to tell of a hole. Without an address there is none. */
export const securityRoutes = (
  _server: unknown,
  { env, site }: { site: Bluejay['site']; env: Pick<Bluejay['env'], 'adminEmail'> },
): void => {
  const { adminEmail } = env;
  if (adminEmail === null) return;
  site.document('/.well-known/security.txt', 'text/plain; charset=utf-8', ({ nowMs, origin, changesAt }) => {
    changesAt(nowMs + DAY_MS);
    const expires = new Date(nowMs + HOLDS_MS).toISOString();
    return `Contact: mailto:${adminEmail}\nExpires: ${expires}\nCanonical: ${origin}/.well-known/security.txt\n`;
  });
};
