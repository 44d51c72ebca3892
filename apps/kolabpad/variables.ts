/** Every environment variable that Kolabpad reads; the table in the README is made from this. */
import { choice, eachOrigin, eachTrustedProxy, flag, integer, list, secret, text } from '@berth/kit';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const VARIABLES = {
  PORT: integer({ default: 3030, min: 1, max: 65_535, doc: 'Port for HTTP and WebSockets.' }),
  HOST: text({ default: '127.0.0.1', doc: 'Address to listen on; `0.0.0.0` for a container.' }),
  BASE_PATH: text({ default: '', doc: 'Path below which everything is served, e.g. `/pad`.' }),
  DOMAIN: text({
    optional: true,
    doc: 'Public host name; its pages may use the API even where a proxy changes the Host header.',
  }),
  BACKEND_LOG_LEVEL: choice(LEVELS, { default: 'info', aliases: ['LOG_LEVEL'], doc: 'Least level that the server logs.' }),
  LOG_FORMAT: choice(['auto', 'json', 'terminal'], {
    default: 'auto',
    doc: '`auto`: readable on a terminal, JSON lines elsewhere.',
  }),
  SQLITE_URI: text({
    default: '',
    aliases: ['DB_PATH'],
    production: '/data/kolabpad.db',
    doc: 'Path of the database; empty keeps documents in memory only.',
  }),
  SERVER_KEY: secret({
    optional: true,
    minBytes: 32,
    doc: 'Encrypts tokens in the database. Without it a key is made in `<database>.key`.',
  }),
  EXPIRY_DAYS: integer({
    default: 7,
    min: 1,
    max: 3_650,
    unit: 'days',
    doc: 'Days without visitors until a document is deleted, unless it has its own.',
  }),
  CLEANUP_INTERVAL_HOURS: integer({
    default: 1,
    min: 1,
    max: 168,
    unit: 'hours',
    doc: 'Time between two looks for expired documents.',
  }),
  EVICT_AFTER_HOURS: integer({
    default: 24,
    min: 1,
    max: 8_760,
    unit: 'hours',
    doc: 'Hours without visitors until a document leaves the memory.',
  }),
  MAX_DOCUMENT_SIZE_KB: integer({ default: 256, min: 1, max: 65_536, unit: 'KB', doc: 'Largest document, in UTF-8.' }),
  WS_READ_TIMEOUT_MINUTES: integer({
    default: 30,
    min: 1,
    max: 1_440,
    unit: 'minutes',
    doc: 'A connection of which nothing is heard for so long, not even a pong, is closed.',
  }),
  WS_WRITE_TIMEOUT_SECONDS: integer({
    default: 10,
    min: 1,
    max: 600,
    unit: 'seconds',
    doc: 'A connection that takes nothing for so long, or does not answer a ping, is closed.',
  }),
  WS_HEARTBEAT_INTERVAL_SECONDS: integer({
    default: 60,
    min: 0,
    max: 3_600,
    unit: 'seconds',
    doc: 'Time between two pings; 0 for none.',
  }),
  BROADCAST_BUFFER_SIZE: integer({
    default: 16,
    min: 1,
    max: 100_000,
    doc: 'Changes of users and cursors that wait one by one for a slow connection.',
  }),
  COMMIT_WINDOW_MS: integer({
    default: 20,
    min: 0,
    max: 1_000,
    unit: 'milliseconds',
    doc: 'Longest time that an edit waits to be written together with others; the first after a pause does not wait.',
  }),
  MESSAGES_PER_SECOND: integer({
    default: 100,
    min: 1,
    max: 1_000_000,
    doc: 'Messages of one connection; whoever is faster is read more slowly.',
  }),
  MAX_SOCKETS_PER_DOCUMENT: integer({ default: 1_000, min: 1, max: 1_000_000, doc: 'Connections to one document.' }),
  MAX_SOCKETS_PER_ADDRESS: integer({
    default: 200,
    min: 1,
    max: 10_000_000,
    doc: 'Connections from one client address (for IPv6, from one /64).',
  }),
  MAX_OTP_ATTEMPTS_PER_MINUTE: integer({
    default: 10,
    min: 1,
    max: 10_000,
    doc: 'Wrong tokens from one client address, before it has to wait.',
  }),
  ALLOWED_ORIGINS: list({
    default: [],
    each: eachOrigin,
    doc: 'Further sites whose pages may use the API, e.g. `https://wiki.example.com`.',
  }),
  EMBED_ORIGINS: list({ default: [], each: eachOrigin, doc: 'Sites that may show a pad in a frame.' }),
  TRUSTED_PROXIES: list({ default: ['loopback'], each: eachTrustedProxy, doc: 'Whose `X-Forwarded-For` is believed.' }),
  OPERATORS: list({ default: ['loopback'], each: eachTrustedProxy, doc: 'Who may read `/metrics`, `/api/stats` and `/debug`.' }),
  DIAGNOSTICS: flag({
    default: false,
    doc: 'Offers `/debug/runtime` and `/debug/heap` to operators; a heap snapshot holds the text of documents.',
  }),
  SHUTDOWN_TIMEOUT_SECONDS: integer({
    default: 10,
    min: 1,
    max: 300,
    unit: 'seconds',
    doc: 'Time for storing everything when asked to end.',
  }),
} as const;
