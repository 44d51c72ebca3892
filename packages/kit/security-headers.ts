/** The headers that tell a browser what a page of ours may do, and who may embed it. */

export type SecurityHeaderOptions = {
  /** Added to, or in place of, the defaults below: `{ 'connect-src': ["'self'", 'wss:'] }`. */
  readonly contentSecurityPolicy?: Readonly<Record<string, readonly string[]>>;
  /** Who may embed the pages: origins or `'self'`; nobody when it is empty. */
  readonly frameAncestors?: readonly string[];
  /** Strict-Transport-Security for a year. Default false: the edge in front usually sends it. */
  readonly hsts?: boolean;
};

const DEFAULT_POLICY: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'base-uri': ["'none'"],
  'object-src': ["'none'"],
  'form-action': ["'self'"],
};

/** @throws TypeError when a directive or a source could end the one before it */
export const securityHeaders = (options: SecurityHeaderOptions = {}): Record<string, string> => {
  const { contentSecurityPolicy = {}, frameAncestors = [], hsts = false } = options;
  const frameOptions = frameOptionsFor(frameAncestors);
  const ancestors = frameAncestors.length === 0 ? ["'none'"] : frameAncestors;
  return {
    'Content-Security-Policy': renderPolicy({ ...DEFAULT_POLICY, ...contentSecurityPolicy, 'frame-ancestors': ancestors }),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'strict-origin-when-cross-origin',
    ...(frameOptions === null ? {} : { 'X-Frame-Options': frameOptions }),
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    ...(hsts ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  };
};

/** It knows nobody and oneself only; for a list it is left out, and frame-ancestors, which every browser knows, decides. */
const frameOptionsFor = (ancestors: readonly string[]): string | null => {
  if (ancestors.length === 0) return 'DENY';
  return ancestors.length === 1 && ancestors[0] === "'self'" ? 'SAMEORIGIN' : null;
};

const renderPolicy = (policy: Readonly<Record<string, readonly string[]>>): string =>
  Object.entries(policy)
    .map(([directive, sources]) => {
      if (!/^[a-z-]+$/.test(directive)) throw new TypeError(`${JSON.stringify(directive)} is not the name of a directive`);
      const wrong = sources.find((source) => !/^[^\s;,\p{Cc}]+$/u.test(source));
      if (wrong !== undefined) throw new TypeError(`${JSON.stringify(wrong)} cannot be a source of ${directive}`);
      return [directive, ...sources].join(' ');
    })
    .join('; ');
