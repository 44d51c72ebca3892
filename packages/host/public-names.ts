import { isIP } from 'node:net';

/**
 * Whether a public authority could ever issue for this host name: it has several labels, none of a kind that DNS does not
 * give out (RFC 6761, RFC 6762, RFC 8375, and what private networks use).
 */
export function isPublicName(host: string): boolean {
  if (isIP(host) !== 0 || host.length > 253) return false;
  const labels = host.split('.');
  const last = labels.at(-1) ?? '';
  return (
    labels.length >= 2 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    /^[a-z]/.test(last) &&
    !PRIVATE.has(last) &&
    !host.endsWith('.home.arpa')
  );
}

const PRIVATE = new Set([
  'localhost',
  'local',
  'localdomain',
  'internal',
  'intranet',
  'private',
  'corp',
  'home',
  'lan',
  'test',
  'example',
  'invalid',
  'onion',
  'alt',
]);
