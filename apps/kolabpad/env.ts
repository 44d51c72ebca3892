/** The environment of the process, read once; whatever is wrong with it is said at once. */
import { addressKey, clientAddress, parseConfiguration, parseTrustedProxies, readBuildInformation } from '@berth/kit';
import type { LiveSettings } from './live/settings.ts';
import { VARIABLES } from './variables.ts';

const HOURS_PER_DAY = 24;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** Throws a ConfigurationError that names every mistake. */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>> = process.env) {
  const { values, warnings } = parseConfiguration(environment, VARIABLES);
  const trustedProxies = parseTrustedProxies(values.TRUSTED_PROXIES);
  const live: LiveSettings = {
    maxDocumentBytes: values.MAX_DOCUMENT_SIZE_KB * 1024,
    readTimeoutMs: values.WS_READ_TIMEOUT_MINUTES * MINUTE_MS,
    writeTimeoutMs: values.WS_WRITE_TIMEOUT_SECONDS * 1_000,
    heartbeatMs: values.WS_HEARTBEAT_INTERVAL_SECONDS * 1_000,
    metadataQueue: values.BROADCAST_BUFFER_SIZE,
    defaultExpiryHours: values.EXPIRY_DAYS * HOURS_PER_DAY,
    cleanupIntervalMs: values.CLEANUP_INTERVAL_HOURS * HOUR_MS,
    evictAfterMs: values.EVICT_AFTER_HOURS * HOUR_MS,
    commitWindowMs: values.COMMIT_WINDOW_MS,
    messagesPerSecond: values.MESSAGES_PER_SECOND,
    maxSocketsPerDocument: values.MAX_SOCKETS_PER_DOCUMENT,
    maxSocketsPerAddress: values.MAX_SOCKETS_PER_ADDRESS,
    maxOtpAttemptsPerMinute: values.MAX_OTP_ATTEMPTS_PER_MINUTE,
  };
  return {
    port: values.PORT,
    host: values.HOST,
    basePath: values.BASE_PATH.replace(/^\/*(?=.)/, '/').replace(/\/+$/, ''),
    logLevel: values.BACKEND_LOG_LEVEL,
    logFormat: values.LOG_FORMAT,
    sqliteUri: values.SQLITE_URI,
    serverKey: values.SERVER_KEY,
    shutdownTimeoutMs: values.SHUTDOWN_TIMEOUT_SECONDS * 1_000,
    allowedOrigins: [
      ...values.ALLOWED_ORIGINS,
      ...(values.DOMAIN === null ? [] : [`https://${values.DOMAIN}`]),
    ] as readonly string[],
    embedOrigins: values.EMBED_ORIGINS,
    trustedProxies,
    operators: parseTrustedProxies(values.OPERATORS),
    hasDiagnostics: values.DIAGNOSTICS,
    live,
    warnings,
    build: readBuildInformation({ environment, directory: import.meta.dirname }),
    /** Whoever is behind a request, as one key for limits. */
    addressOf: (remote: string | undefined, forwardedFor: string | string[] | undefined): string =>
      addressKey(clientAddress(remote, forwardedFor, trustedProxies)),
  };
}

export type Environment = ReturnType<typeof readEnvironment>;
