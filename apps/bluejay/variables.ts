/** Every environment variable that Bluejay reads; the table in the README is made from this. */
import { choice, eachTrustedProxy, integer, list, secret, text } from '@berth/kit';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export const VARIABLES = {
  PORT: integer({ default: 28_090, min: 0, max: 65_535, doc: 'Port for HTTP; 0 for any free one.' }),
  HOST: text({ default: '127.0.0.1', doc: 'Address to listen on; `0.0.0.0` for a container.' }),
  DATABASE_PATH: text({
    default: 'bluejay.db',
    // STORE_DB is all that Berth tells a release command, a rehearsed restore or `berth run`: those belong to no service.
    aliases: ['DB_PATH', 'STORE_DB'],
    doc: 'Path of the database. `migrate` makes it.',
  }),
  UPLOADS_PATH: text({
    default: 'uploads',
    aliases: ['STORE_UPLOADS'],
    doc: 'Directory of the media library. `public` in it is what visitors may read.',
  }),
  ENVIRONMENT: choice(['development', 'production'], {
    default: 'development',
    production: 'production',
    doc: '`production` needs SESSION_SECRET, and gives cookies that travel over HTTPS alone.',
  }),
  SESSION_SECRET: secret({
    optional: true,
    minBytes: 32,
    doc: 'Signs previews, downloads and forms; several, separated by commas: the first signs, all are believed.',
  }),
  SESSION_SECRET_PREVIOUS: secret({
    optional: true,
    minBytes: 32,
    doc: 'Believed beside SESSION_SECRET while that is changed; Berth gives it.',
  }),
  SITE_BASE_URL: text({
    optional: true,
    doc: 'Address of the site, for canonical links, feeds and the sitemap; default: that of the request.',
  }),
  ADMIN_EMAIL: text({ optional: true, doc: 'Mail address that `/.well-known/security.txt` names.' }),
  SESSION_IDLE_HOURS: integer({
    default: 72,
    min: 1,
    max: 168,
    unit: 'hours',
    doc: 'A login ends after so long without a request.',
  }),
  CACHE_MB: integer({ default: 32, min: 0, max: 1_024, unit: 'MB', doc: 'Memory for finished pages; 0 keeps none.' }),
  TRUSTED_PROXIES: list({
    default: ['loopback'],
    each: eachTrustedProxy,
    doc: 'Whose X-Forwarded-For and X-Forwarded-Proto are believed: addresses, networks, `loopback`, `private`.',
  }),
  OPERATORS: list({
    default: ['loopback'],
    each: eachTrustedProxy,
    doc: 'Who may read `/metrics` and the reasons in `/ready`.',
  }),
  LOG_LEVEL: choice(LEVELS, { default: 'info', doc: 'Least level that is logged.' }),
  LOG_FORMAT: choice(['auto', 'json', 'terminal'], {
    default: 'auto',
    doc: '`auto`: readable on a terminal, JSON lines elsewhere.',
  }),
  SHUTDOWN_TIMEOUT_SECONDS: integer({ default: 10, min: 1, max: 300, unit: 'seconds', doc: 'Time that requests get to finish.' }),
};
