/** The environment of the process, read once; whatever is wrong with it is said at once. */
import { randomBytes } from 'node:crypto';
import {
  addressKey,
  clientAddress,
  ConfigurationError,
  parseConfiguration,
  parseTrustedProxies,
  readBuildInformation,
} from '@berth/kit';
import { VARIABLES } from './variables.ts';

const HOUR_MS = 3_600_000;
const LEAST_SECRET_BYTES = 32;
const EXPECTED_SECRET = 'secrets of at least 32 irregular bytes, say from `openssl rand -base64 32`, separated by commas';

/** Throws a ConfigurationError that names every mistake. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const { values, warnings } = parseConfiguration(environment, VARIABLES);
  const trustedProxies = parseTrustedProxies(values.TRUSTED_PROXIES);
  const isProduction = values.ENVIRONMENT === 'production';
  return {
    port: values.PORT,
    host: values.HOST,
    databasePath: values.DATABASE_PATH,
    uploadsPath: values.UPLOADS_PATH,
    isProduction,
    /** The first signs, all are believed. Outside production one is made for as long as the process runs. */
    secrets: readSecrets([values.SESSION_SECRET, values.SESSION_SECRET_PREVIOUS], isProduction),
    baseUrl: values.SITE_BASE_URL === null ? null : readBaseUrl(values.SITE_BASE_URL),
    adminEmail: values.ADMIN_EMAIL,
    sessionIdleMs: values.SESSION_IDLE_HOURS * HOUR_MS,
    cacheBytes: values.CACHE_MB * 2 ** 20,
    trustedProxies,
    operators: parseTrustedProxies(values.OPERATORS),
    logLevel: values.LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1_000,
    warnings,
    build: readBuildInformation({ environment, directory: import.meta.dirname }),
    /** Whoever is behind a request, as one address. */
    addressOf: (remote: string | undefined, forwardedFor: string | string[] | undefined): string =>
      clientAddress(remote, forwardedFor, trustedProxies),
    /** The same as a key for limits: a whole network where addresses are cheap. */
    limitKeyOf: (remote: string | undefined, forwardedFor: string | string[] | undefined): string =>
      addressKey(clientAddress(remote, forwardedFor, trustedProxies)),
  };
}

export type Environment = ReturnType<typeof readEnvironment>;

const readSecrets = (given: readonly (string | null)[], isProduction: boolean): readonly [string, ...string[]] => {
  const [first, ...others] = given
    .flatMap((one) => one?.split(',') ?? [])
    .map((one) => one.trim())
    .filter((one) => one !== '');
  if (first === undefined) {
    if (isProduction) throw mistake('SESSION_SECRET', null, EXPECTED_SECRET);
    return [randomBytes(LEAST_SECRET_BYTES).toString('base64url')];
  }
  if ([first, ...others].some((one) => isWeak(one))) throw mistake('SESSION_SECRET', null, EXPECTED_SECRET);
  return [first, ...others];
};

/** Too short, or one that a person would type: what is long because it repeats itself. */
const isWeak = (secret: string): boolean => Buffer.byteLength(secret) < LEAST_SECRET_BYTES || new Set(secret).size < 10;

const readBaseUrl = (given: string): URL => {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.pathname !== '/')
    throw mistake('SITE_BASE_URL', given, 'a scheme and a host: https://www.example.com');
  return url;
};

/** What a secret is goes into no message. */
const mistake = (name: string, given: string | null, expected: string): ConfigurationError =>
  new ConfigurationError([{ name, given, expected, default: null }]);
