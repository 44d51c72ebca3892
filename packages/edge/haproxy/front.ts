import { isIPv6 } from 'node:net';
import { stateInvalid } from '../errors.ts';
import type { EdgeState, Listeners } from '../state.ts';
import type { Surroundings } from './configuration.ts';
import { plainRefusal } from './error-pages.ts';
import { limitLines } from './limit-rules.ts';
import { logFormat, redactLine } from './log-format.ts';
import { CHALLENGE_PATH } from './maps.ts';
import { FILES_BACKEND, headerNames, NOT_FOUND_BACKEND, REDIRECT_BACKEND } from './names.ts';

export const frontLines = (state: EdgeState, around: Surroundings): readonly string[] => {
  const { listeners } = state;
  return [
    ...listeners.addresses
      .filter((address) => around.ipv6 || !isIPv6(address))
      .flatMap((address) => publicBinds(address, listeners)),
    'log global',
    `log-format '${logFormat(listeners)}'`,
    `error-log-format '{"time":%Ts.%ms,"client":"%[src]","error":"%[fc_err_str,json(utf8s)]"}'`,
    'compression algo gzip',
    `compression type ${COMPRESSED_TYPES.join(' ')}`,
    'http-request set-var(txn.path) path',
    'http-request set-var(txn.host) req.hdr(host),host_only,rtrim(.),lower',
    'http-request set-var(txn.id) uuid()',
    ...(listeners.redactQuery.length === 0 ? [] : [redactLine(listeners.redactQuery)]),
    CHALLENGE_LINE,
    'http-request set-var(txn.key) var(txn.host),concat(,txn.path,>)',
    // One spelling per path, so that a limit on /api is one on //api and /%61pi too. Refused: "..", "\\" and control bytes.
    `http-request lua.berth_path if { var(txn.path) -m reg '[^A-Za-z0-9/._~!$&()*+,;=:@'"'"'-]|//|/\\.\\.?(/|$)' }`,
    ...plainRefusal(400, 'Bad request', '{ var(txn.bad) -m found }'),
    'http-request set-var(txn.route) var(txn.key),map_beg(routes.map)',
    ...trustLines(listeners),
    ...(listeners.httpsPort === null ? [] : toHttpsLines(listeners.httpsPort, listeners.trustedProxies.length > 0)),
    ...limitLines(state, around.limits),
    // Without a route they name no backend, and the default one is taken.
    `use_backend %[var(txn.route),field(6,|)] if { req.hdr(upgrade) -i -m str websocket } !{ var(txn.route) -m beg ${FILES_BACKEND}| ${REDIRECT_BACKEND}| }`,
    'use_backend %[var(txn.route),field(1,|)]',
    `default_backend ${NOT_FOUND_BACKEND}`,
    ...responseLines(state),
  ];
};

const CHALLENGE_KEY = 'var(txn.host),concat(,txn.path),map_str(challenges.map)';

/** What an authority asks is answered before anything else is, redirects included; what it does not ask is the apps' own. */
const CHALLENGE_LINE = `http-request return status 200 content-type text/plain lf-string %[${CHALLENGE_KEY}] if { var(txn.path) -m beg ${CHALLENGE_PATH} } { ${CHALLENGE_KEY} -m found }`;

const publicBinds = (address: string, { httpPort, httpsPort }: Listeners): readonly string[] => {
  if (!/^[0-9a-fA-F.:]+$/.test(address)) throw stateInvalid('address', address, 'it must be an IP address');
  const at = isIPv6(address) ? `[${address}]` : address;
  const options = isIPv6(address) ? ' v6only' : '';
  return [
    `bind ${at}:${httpPort}${options}`,
    ...(httpsPort === null ? [] : [`bind ${at}:${httpsPort}${options} ssl crt-list certificates.list alpn h2,http/1.1`]),
  ];
};

/** Each hop is believed only because the one before it is trusted. */
const MAX_TRUSTED_HOPS = 5;

const trustLines = ({ trustedProxies }: Listeners): readonly string[] => {
  if (trustedProxies.length === 0) return [];
  for (const network of trustedProxies) {
    if (!/^[0-9a-fA-F.:]+(\/\d{1,3})?$/.test(network))
      throw stateInvalid('trusted proxy', network, 'it must be an address or a network in CIDR notation');
  }
  const trusted = `{ src ${trustedProxies.join(' ')} }`;
  return [
    `http-request set-var(txn.trusted) bool(true) if ${trusted}`,
    'http-request lua.berth_forwarded if { var(txn.trusted) -m bool }',
    ...Array.from(
      { length: MAX_TRUSTED_HOPS },
      (_, i) =>
        `http-request set-src var(txn.hops),field(${i + 1},|) if { var(txn.hops),field(${i + 1},|) -m ip 0.0.0.0/0 ::/0 } ${trusted}`,
    ),
    'http-request set-var(txn.proto) req.hdr(x-forwarded-proto,1),lower if { var(txn.trusted) -m bool } { req.hdr(x-forwarded-proto,1) -i -m str http https }',
    'http-request set-var(txn.fwdhost) req.hdr(x-forwarded-host,1) if { var(txn.trusted) -m bool } { req.hdr(x-forwarded-host,1) -m reg ^[A-Za-z0-9.:-]+$ }',
    'http-request set-var(txn.fwdport) req.hdr(x-forwarded-port,1) if { var(txn.trusted) -m bool } { req.hdr(x-forwarded-port,1) -m reg ^[0-9]{1,5}$ }',
    'http-request set-var(txn.id) req.hdr(x-request-id) if { var(txn.trusted) -m bool } { req.hdr(x-request-id) -m reg ^[A-Za-z0-9._+/=-]{1,128}$ }',
  ];
};

const toHttpsLines = (httpsPort: number, proxies: boolean): readonly string[] => {
  const port = httpsPort === 443 ? '' : `:${httpsPort}`;
  const terminated = proxies ? ' !{ var(txn.proto) -m str https }' : '';
  // A host that only redirects goes to its target at once.
  const conditions = `!{ ssl_fc }${terminated} { var(txn.route) -m found } !{ var(txn.route) -m beg ${REDIRECT_BACKEND}| }`;
  return [`http-request redirect code 308 location https://%[var(txn.host)]${port}%[pathq] if ${conditions}`];
};

/**
 * What an application is told about the client, and nothing that the client said about itself. For the backends of services:
 * files, redirects and refusals do without.
 */
export const forwardedLines = ({ trustedProxies }: Listeners): readonly string[] => {
  const trusts = trustedProxies.length > 0;
  return [
    ...['proxy', 'forwarded', 'x-real-ip', 'x-berth-root'].map((name) => `http-request del-header ${name}`),
    'http-request del-header x-forwarded- -m beg',
    // There are none left, so nothing has to be looked for, as set-header does. This one comes after all rules.
    'option forwardfor header x-forwarded-for',
    'http-request add-header x-forwarded-proto %[ssl_fc,iif(https,http)]',
    'http-request add-header x-forwarded-host %[req.hdr(host)]',
    'http-request add-header x-forwarded-port %[dst_port]',
    ...(trusts
      ? [
          'http-request set-header x-forwarded-proto %[var(txn.proto)] if { var(txn.proto) -m found }',
          'http-request set-header x-forwarded-host %[var(txn.fwdhost)] if { var(txn.fwdhost) -m found }',
          'http-request set-header x-forwarded-port %[var(txn.fwdport)] if { var(txn.fwdport) -m found }',
        ]
      : []),
    'http-request set-header x-request-id %[var(txn.id)]',
  ];
};

const DEFAULT_HEADERS = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'SAMEORIGIN'],
  ['referrer-policy', 'strict-origin-when-cross-origin'],
] as const;

const HSTS = 'strict-transport-security';

/** The manifest's headers replace; the defaults only fill in what neither it nor the application has said. */
const responseLines = (state: EdgeState): readonly string[] => {
  const named = headerNames(state.hosts);
  const value = (name: string) => `var(txn.route),field(5,|),concat(:${name}),map_str(headers.map)`;
  const kept = (name: string) => (named.includes(name) ? ` !{ ${value(name)} -m found }` : '');
  const secured = state.listeners.trustedProxies.length > 0 ? ['{ ssl_fc }', '{ var(txn.proto) -m str https }'] : ['{ ssl_fc }'];
  return [
    'http-after-response set-header x-request-id %[var(txn.id)]',
    ...named.map(
      (name) =>
        `http-after-response set-header ${name} %[${value(name)}] if !{ var(txn.route),field(5,|) -m str -- - } { ${value(name)} -m found } !{ ${value(name)} -m str -- - }`,
    ),
    ...DEFAULT_HEADERS.map(
      ([name, text]) => `http-after-response add-header ${name} ${text} if !{ res.hdr(${name}) -m found }${kept(name)}`,
    ),
    // Never for names on the machine itself: a browser would then refuse plain http on them, for every port.
    ...secured.map(
      (condition) =>
        `http-after-response add-header ${HSTS} max-age=31536000 if ${condition} !{ var(txn.host) -m end localhost } !{ res.hdr(${HSTS}) -m found }${kept(HSTS)}`,
    ),
  ];
};

const COMPRESSED_TYPES = [
  'text/html',
  'text/plain',
  'text/css',
  'text/xml',
  'text/csv',
  'text/markdown',
  'text/javascript',
  'application/javascript',
  'application/json',
  'application/ld+json',
  'application/manifest+json',
  'application/xml',
  'application/rss+xml',
  'application/atom+xml',
  'application/wasm',
  'image/svg+xml',
];
