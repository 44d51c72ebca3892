import { isIPv6 } from 'node:net';
import { stateInvalid } from '../errors.ts';
import type { EdgeLimits } from '../limits.ts';
import type { EdgeCheck, EdgeService, EdgeState, Listeners } from '../state.ts';
import { errorPages, refusal } from './error-pages.ts';
import { isLimitedRoute, MAX_PREFIX_SEGMENTS, rateWindowMs } from './maps.ts';
import {
  backendsOf,
  FILES_BACKEND,
  headerNames,
  NOT_FOUND_BACKEND,
  REDIRECT_BACKEND,
  requestsBackend,
  webSocketsBackend,
} from './names.ts';

/** What the configuration depends on beside the state. */
export type Surroundings = {
  readonly limits: EdgeLimits;
  /** From `limits.maxConnections`, as far as the file descriptor limit goes. */
  readonly maxConnections: number;
  readonly threads: number;
  /** Without it, IPv6 addresses on loopback are left out. */
  readonly ipv6: boolean;
};

/**
 * The whole of haproxy.cfg but the servers: what can only change by a reload. File names are relative to the directory
 * that HAProxy is started in (-C), so that a new configuration can be checked beside the one that runs.
 */
export const renderStructure = (state: EdgeState, around: Surroundings): string => renderWith(state, around, () => []);

/** haproxy.cfg as a restart needs it: the servers too, `disabled` included. */
export const renderConfiguration = (state: EdgeState, around: Surroundings): string =>
  renderWith(state, around, (service) =>
    service.servers.map(
      (server) =>
        `server ${server.id} 127.0.0.1:${server.port} ${serverParameters(service.check)}${server.state === 'maint' ? ' disabled' : ''}`,
    ),
  );

/** Written out for every server: one that is added at run time does not inherit `default-server`. */
export const serverParameters = (check: EdgeCheck): string => {
  // An idle connection is given up long before the instance does so by itself (Node: after 5 s), and no request races it.
  const pool = 'pool-purge-delay 2s';
  if (check.kind === 'none') return pool;
  const fast = Math.min(check.everyMs, 1_000);
  const every = `check inter ${check.everyMs} fastinter ${fast} downinter ${Math.min(check.everyMs, 250)} fall ${check.fails} rise 1`;
  return `${every} ${pool}`;
};

type ServerLines = (service: EdgeService) => readonly string[];

const renderWith = (state: EdgeState, around: Surroundings, servers: ServerLines): string => {
  checkNames(state);
  return [
    ...section('global', globalLines(around)),
    ...section('defaults', defaultsLines(around.limits)),
    ...rateWindows(state).flatMap((window) =>
      section(`backend rate-${window}`, [
        `stick-table type string len 72 size 100k expire ${window}ms store gpc0_rate(${window}ms)`,
      ]),
    ),
    ...section('frontend front', frontLines(state, around)),
    ...section(`backend ${NOT_FOUND_BACKEND}`, [...refusal(404, 'Not found')]),
    ...section(`backend ${REDIRECT_BACKEND}`, redirectLines()),
    ...section(`backend ${FILES_BACKEND}`, filesLines()),
    ...state.services.flatMap((service) =>
      section(`frontend listen.${requestsBackend(service)}`, listenLines(service, state, around)),
    ),
    ...backendsOf(state.services).flatMap(({ backend, service, webSockets }) =>
      section(`backend ${backend}`, [
        ...backendLines(backend, service, { webSockets, timeouts: hasTimeouts(state) }),
        ...servers(service),
      ]),
    ),
  ].join('\n');
};

const section = (title: string, lines: readonly string[]): readonly string[] => [title, ...lines.map((line) => `  ${line}`), ''];

const globalLines = ({ maxConnections, threads }: Surroundings): readonly string[] => [
  'log stdout len 16384 format raw local0 info',
  'stats socket unix@../run/admin.sock mode 600 level admin expose-fd listeners',
  'stats timeout 1d',
  `maxconn ${maxConnections}`,
  `nbthread ${threads}`,
  'lua-load edge.lua',
  'tune.http.logurilen 4096',
  'ssl-default-bind-options ssl-min-ver TLSv1.2',
  'ssl-default-bind-ciphers ECDHE+AESGCM:ECDHE+CHACHA20',
  'ssl-default-bind-ciphersuites TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  'ssl-default-bind-curves X25519:P-256',
];

const defaultsLines = (limits: EdgeLimits): readonly string[] => [
  'mode http',
  `timeout connect ${limits.connectMs}`,
  `timeout client ${limits.clientMs}`,
  `timeout client-fin ${limits.requestMs}`,
  `timeout server ${limits.serverMs}`,
  `timeout tunnel ${limits.tunnelMs}`,
  `timeout http-request ${limits.requestMs}`,
  `timeout http-keep-alive ${limits.keepAliveMs}`,
  // A client that has gone gives back its place, above all while it is held.
  'option abortonclose',
  // Old workers keep idle clients until their next answer: without it a reload loses requests.
  'option idle-close-on-response',
  'option dontlognull',
  'option redispatch 1',
  `retries ${limits.retries}`,
  'retry-on conn-failure empty-response',
  ...errorPages(),
];

const frontLines = (state: EdgeState, around: Surroundings): readonly string[] => {
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
    'http-request set-var(txn.http) req.ver',
    'http-request set-var(txn.id) uuid()',
    ...(listeners.redactQuery.length === 0 ? [] : [redactLine(listeners.redactQuery)]),
    // One spelling per path, so that a limit on /api is one on //api and /%61pi too. Refused: "..", "\\" and control bytes.
    `http-request lua.berth_path if { var(txn.path) -m reg '[^A-Za-z0-9/._~!$&()*+,;=:@'"'"'-]|//|/\\.\\.?(/|$)' }`,
    ...refusal(400, 'Bad request', '{ var(txn.bad) -m found }'),
    'http-request set-var(txn.key) req.hdr(host),host_only,rtrim(.),lower,concat(,txn.path,>)',
    'http-request set-var(txn.key) req.hdr(host),host_only,rtrim(.),lower,concat(,txn.match,>) if { var(txn.match) -m found }',
    'http-request set-var(txn.route) var(txn.key),map_beg(routes.map)',
    ...trustLines(listeners),
    ...(listeners.httpsPort === null ? [] : toHttpsLines(listeners.httpsPort, listeners.trustedProxies.length > 0)),
    ...limitLines(state, around.limits),
    ...forwardedLines(listeners),
    'use_backend %[var(txn.route),field(2,|)] if { req.hdr(upgrade) -i -m str websocket } { var(txn.route) -m found }',
    'use_backend %[var(txn.route),field(1,|)] if { var(txn.route) -m found }',
    `default_backend ${NOT_FOUND_BACKEND}`,
    ...responseLines(state),
  ];
};

const publicBinds = (address: string, { httpPort, httpsPort }: Listeners): readonly string[] => {
  if (!/^[0-9a-fA-F.:]+$/.test(address)) throw stateInvalid('address', address, 'it must be an IP address');
  const at = isIPv6(address) ? `[${address}]` : address;
  const options = isIPv6(address) ? ' v6only' : '';
  return [
    `bind ${at}:${httpPort}${options}`,
    ...(httpsPort === null ? [] : [`bind ${at}:${httpsPort}${options} ssl crt-list certificates.list alpn h2,http/1.1`]),
  ];
};

/**
 * One line per request. Everything that a client can choose goes through json(); lengths are bounded, so that the line
 * fits into the 16 KB that HAProxy keeps for one even when every byte is escaped.
 */
const logFormat = (listeners: Listeners): string => {
  const text = (expression: string, bytes: number) => `%[${expression},bytes(0,${bytes}),json(utf8s)]`;
  const query = listeners.redactQuery.length === 0 ? 'capture.req.uri,field(2,?,0)' : 'var(txn.query)';
  return [
    '{"time":%Ts.%ms',
    '"app":"%[var(txn.route),field(3,|)]"',
    '"service":"%[var(txn.route),field(4,|)]"',
    '"backend":"%b"',
    '"server":"%s"',
    `"host":"${text('var(txn.key),field(1,/)', 255)}"`,
    '"method":"%[capture.req.method,json(utf8s)]"',
    `"path":"${text('var(txn.path)', 1000)}"`,
    `"query":"${text(query, 1000)}"`,
    '"status":%ST',
    '"bytes":%B',
    '"received":%U',
    '"requestMs":%TR,"queueMs":%Tw,"connectMs":%Tc,"responseMs":%Tr,"totalMs":%Ta',
    '"heldMs":"%[var(txn.held)]"',
    '"client":"%[src]"',
    '"id":"%[var(txn.id)]"',
    '"http":"%[var(txn.http)]"',
    '"tls":"%sslv"',
    '"end":"%ts"',
    '"retries":"%rc"}',
  ].join(',');
};

/** A name that holds an escape may be any name, so its value goes too. */
const redactLine = (names: readonly string[]): string => {
  if (names.includes('*'))
    return `http-request set-var(txn.query) 'query,regsub("(^|&)([^=&]*=)?[^=&][^&]*","\\1\\2redacted",g)'`;
  for (const name of names) {
    if (!/^[A-Za-z0-9_.[\]-]+$/.test(name))
      throw stateInvalid(
        'query parameter',
        name,
        'its value cannot be redacted: use letters, digits, "_", "-", "." and brackets',
      );
  }
  const patterns = ['[^=&]*%[^=&]*', ...names.map((name) => name.replace(/[.[\]]/g, '\\$&'))];
  return `http-request set-var(txn.query) 'query,regsub("(^|&)(${patterns.join('|')})=[^&]*","\\1\\2=redacted",gi)'`;
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
  const conditions = `!{ ssl_fc }${terminated} { var(txn.route) -m found } !{ var(txn.route),field(1,|) -m str ${REDIRECT_BACKEND} }`;
  return [`http-request redirect code 308 location https://%[var(txn.key),field(1,/)]${port}%[pathq] if ${conditions}`];
};

const limitLines = (state: EdgeState, limits: EdgeLimits): readonly string[] => {
  const routes = limitedRoutes(state);
  const byDefault = `{ req.hdr_val(content-length) gt ${limits.maxBodyBytes} }`;
  const bodies = routes.some((route) => route.maxBodyBytes !== null);
  const has = (field: number) => `{ var(txn.limit) -m found } !{ var(txn.limit),field(${field},|) -m str -- - }`;
  return [
    ...(routes.length === 0 ? [] : ['http-request set-var(txn.limit) var(txn.key),lower,map_beg(limits.map)']),
    ...refusal(
      413,
      'Request body too large',
      bodies ? `${byDefault} !{ var(txn.limit) -m found } || ${byDefault} { var(txn.limit),field(5,|) -m str -- - }` : byDefault,
    ),
    ...(bodies ? bodyLines(has(5)) : []),
    ...(routes.some((route) => route.timeoutMs !== null)
      ? [`http-request set-var(txn.timeout) var(txn.limit),field(6,|),add(0) if ${has(6)}`]
      : []),
    ...rateLines(rateWindows(state), has(2)),
  ];
};

/** Content-Length is the only length that can be seen beforehand; a body without one is refused where there is a limit. */
const bodyLines = (limited: string): readonly string[] => [
  `http-request set-var(txn.body) var(txn.limit),field(5,|),add(0) if ${limited}`,
  ...refusal(413, 'Request body too large', '{ var(txn.body) -m found } { req.hdr_val(content-length),sub(txn.body) gt 0 }'),
  ...refusal(411, 'Length required', '{ var(txn.body) -m found } { req.hdr(transfer-encoding) -m found }'),
  // HTTP/2 tells neither: look whether a first byte comes.
  'http-request wait-for-body time 10s at-least 1 if { var(txn.body) -m found } !{ req.hdr(content-length) -m found }',
  ...refusal(411, 'Length required', '{ var(txn.body) -m found } !{ req.hdr(content-length) -m found } { req.body_len gt 0 }'),
];

/** Only requests that were let through are counted, so that one who keeps knocking is not shut out for ever. */
const rateLines = (windows: readonly number[], limited: string): readonly string[] => {
  if (windows.length === 0) return [];
  return [
    `http-request set-var-fmt(txn.caller) "%[src,ipmask(32,64)] %[var(txn.limit),field(1,|)]" if ${limited}`,
    ...windows.map(
      (window) => `http-request track-sc0 var(txn.caller) table rate-${window} if { var(txn.limit),field(2,|) -m str ${window} }`,
    ),
    `http-request set-var(txn.allowed) var(txn.limit),field(3,|),add(0) if ${limited}`,
    ...windows.flatMap((window) =>
      refusal(
        429,
        'Too many requests',
        `{ var(txn.limit),field(2,|) -m str ${window} } { sc0_gpc0_rate(rate-${window}),sub(txn.allowed) ge 0 }`,
        'retry-after "%[var(txn.limit),field(4,|)]"',
      ),
    ),
    `http-request sc-inc-gpc0(0) if ${limited}`,
  ];
};

/** What an application is told about the client, and nothing that the client said about itself. */
const forwardedLines = ({ trustedProxies }: Listeners): readonly string[] => {
  const trusts = trustedProxies.length > 0;
  return [
    ...['proxy', 'forwarded', 'x-real-ip'].map((name) => `http-request del-header ${name}`),
    'http-request del-header x-forwarded- -m beg',
    'http-request del-header x-berth- -m beg',
    'http-request set-header x-forwarded-for %[src]',
    `http-request set-header x-forwarded-proto %[ssl_fc,iif(https,http)]`,
    `http-request set-header x-forwarded-host %[req.hdr(host)]`,
    `http-request set-header x-forwarded-port %[dst_port]`,
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
      ([name, text]) => `http-after-response set-header ${name} ${text} if !{ res.hdr(${name}) -m found }${kept(name)}`,
    ),
    // Never for names on the machine itself: a browser would then refuse plain http on them, for every port.
    ...secured.map(
      (condition) =>
        `http-after-response set-header ${HSTS} max-age=31536000 if ${condition} !{ var(txn.key),field(1,/) -m end localhost } !{ res.hdr(${HSTS}) -m found }${kept(HSTS)}`,
    ),
  ];
};

const redirectLines = (): readonly string[] => [
  'http-request redirect code 308 location %[var(txn.route),field(7,|,0)]%[pathq] if { var(txn.route),field(6,|) -m str host }',
  ...[301, 302, 307, 308].map(
    (code) =>
      `http-request redirect code ${code} location %[var(txn.route),field(7,|,0)] if { var(txn.route),field(6,|) -m str ${code} }`,
  ),
];

const filesLines = (): readonly string[] => [
  // Many small answers over few connections: nginx keeps them open, nobody else uses the socket.
  'http-reuse always',
  ...refusal(405, 'Method not allowed', '!{ method GET HEAD }', 'allow "GET, HEAD"'),
  'http-request set-path %[var(txn.match)] if { var(txn.match) -m found }',
  ...Array.from(
    { length: MAX_PREFIX_SEGMENTS },
    (_, i) => `http-request set-path /%[path,field(${i + 3},/,0)] if { var(txn.route),field(6,|) -m str ${i + 1} }`,
  ),
  'http-request set-header x-berth-cache %[var(txn.route),field(8,|)]',
  ...['root', 'earlier-1', 'earlier-2', 'earlier-3', 'earlier-4'].map(
    (name, i) =>
      `http-request set-header x-berth-${name} %[var(txn.route),field(${i + 9},|)]${i === 0 ? '' : ` if { var(txn.route),field(${i + 9},|) -m found }`}`,
  ),
  'http-response del-header server',
  // nginx has seen the path without its prefix.
  'http-response replace-header location ^(/.*)$ %[var(txn.route),field(7,|)]\\1',
  'http-response return status 404 content-type text/plain string "Not found\\n" if { status 403 404 }',
  'server nginx unix@../run/nginx.sock pool-purge-delay 30s',
];

const listenLines = (service: EdgeService, state: EdgeState, around: Surroundings): readonly string[] => [
  `bind 127.0.0.1:${service.listen}`,
  ...(around.ipv6 ? [`bind [::1]:${service.listen} v6only`] : []),
  'log global',
  `log-format '${logFormat(state.listeners)}'`,
  'http-request set-var(txn.path) path',
  ...(state.listeners.redactQuery.length === 0 ? [] : [redactLine(state.listeners.redactQuery)]),
  'http-request set-var(txn.key) req.hdr(host),host_only,lower,concat(/)',
  `http-request set-var(txn.route) str(${requestsBackend(service)}|${webSocketsBackend(service)}|${service.app}|${service.service}|-)`,
  ...refusal(413, 'Request body too large', `{ req.hdr_val(content-length) gt ${around.limits.maxBodyBytes} }`),
  'http-request set-var(txn.http) req.ver',
  'http-request set-var(txn.id) req.hdr(x-request-id) if { req.hdr(x-request-id) -m reg ^[A-Za-z0-9._+/=-]{1,128}$ }',
  'http-request set-var(txn.id) uuid() if !{ var(txn.id) -m found }',
  ...['proxy', 'forwarded', 'x-real-ip'].map((name) => `http-request del-header ${name}`),
  'http-request del-header x-forwarded- -m beg',
  'http-request del-header x-berth- -m beg',
  'http-request set-header x-forwarded-for %[src]',
  'http-request set-header x-forwarded-proto http',
  'http-request set-header x-forwarded-host %[req.hdr(host)]',
  `http-request set-header x-forwarded-port ${service.listen}`,
  'http-request set-header x-request-id %[var(txn.id)]',
  'http-after-response set-header x-request-id %[var(txn.id)]',
  `use_backend ${webSocketsBackend(service)} if { req.hdr(upgrade) -i -m str websocket }`,
  `default_backend ${requestsBackend(service)}`,
];

const backendLines = (
  backend: string,
  service: EdgeService,
  { webSockets, timeouts }: { webSockets: boolean; timeouts: boolean },
): readonly string[] => [
  'balance leastconn',
  ...(service.check.kind === 'http' && !webSockets ? checkLines(service.check) : []),
  ...(service.check.kind === 'none' ? [] : [`timeout check ${service.check.timeoutMs}`]),
  // Called only while there is no server to send to: on every request it would cost 15 % of CPU.
  `http-request lua.berth_hold ${backend} ${requestsBackend(service)} if { nbsrv eq 0 }`,
  ...(timeouts ? ['http-request set-timeout server var(txn.timeout) if { var(txn.timeout) -m found }'] : []),
  // A request that was sent may have been carried out: only those that may be repeated are.
  ...(webSockets ? ['http-request disable-l7-retry'] : ['http-request disable-l7-retry unless METH_GET or METH_HEAD']),
];

const checkLines = ({ path }: EdgeCheck): readonly string[] => {
  if (!/^\/[!-~]*$/.test(path) || /["'\\#]/.test(path))
    throw stateInvalid('health path', path, 'it must start with "/" and hold neither blanks, quotes, "#" nor "\\"');
  return [
    'option httpchk',
    `http-check send meth GET uri ${path} ver HTTP/1.1 hdr host localhost hdr user-agent berth-health`,
    'http-check expect status 200-399',
  ];
};

const limitedRoutes = (state: EdgeState) =>
  state.hosts.filter((host) => host.redirectTo === null).flatMap((host) => host.routes.filter(isLimitedRoute));

const hasTimeouts = (state: EdgeState): boolean => limitedRoutes(state).some((route) => route.timeoutMs !== null);

/** Each different window is a table of its own; the key says which route and which client. */
const rateWindows = (state: EdgeState): readonly number[] =>
  [...new Set(limitedRoutes(state).flatMap(({ limit }) => (limit === null ? [] : [rateWindowMs(limit)])))].sort((a, b) => a - b);

const checkNames = (state: EdgeState): void => {
  const name = /^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$/i;
  for (const { app, service, servers } of state.services) {
    if (!name.test(app)) throw stateInvalid('app', app, 'a name is made of letters, digits, "-" and "_"');
    if (!name.test(service)) throw stateInvalid('service', service, 'a name is made of letters, digits, "-" and "_"');
    for (const { id } of servers) {
      if (!/^[A-Za-z0-9._:-]{1,100}$/.test(id))
        throw stateInvalid('instance', id, 'an id is made of letters, digits, ".", "_", ":" and "-"');
    }
  }
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
