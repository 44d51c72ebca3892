import { stateInvalid } from '../errors.ts';
import type { EdgeLimits } from '../limits.ts';
import type { EdgeCheck, EdgeService, EdgeState } from '../state.ts';
import { errorPages, plainRefusal, refusal } from './error-pages.ts';
import { forwardedLines, frontLines } from './front.ts';
import { hasTimeouts, rateWindows } from './limit-rules.ts';
import { logFormat, redactLine } from './log-format.ts';
import { MAX_PREFIX_SEGMENTS } from './maps.ts';
import { backendsOf, FILES_BACKEND, NOT_FOUND_BACKEND, REDIRECT_BACKEND, requestsBackend, webSocketsBackend } from './names.ts';

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
        ...backendLines(backend, service, {
          webSockets,
          timeouts: hasTimeouts(state),
          forwarded: forwardedLines(state.listeners),
        }),
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
  'http-request set-header x-berth-root %[var(txn.route),field(7,|,0)]',
  // "allow" ends these rules: most routes of files are at most one level deep.
  `http-request allow if ${levels(0)}`,
  stripLine(1),
  `http-request allow if ${levels(1)}`,
  ...Array.from({ length: MAX_PREFIX_SEGMENTS - 1 }, (_, i) => stripLine(i + 2)),
  'http-response del-header server',
  // nginx has seen the path without its prefix. It redirects to directories only, and without a condition HAProxy would
  // build the replacement for every answer.
  'http-response replace-header location ^(/.*)$ %[var(txn.route),field(6,|)]\\1 if { status 301 }',
  'http-response return status 404 content-type text/plain string "Not found\\n" if { status 403 404 }',
  'server nginx unix@../run/nginx.sock pool-purge-delay 30s',
];

const stripLine = (depth: number): string => `http-request set-path /%[path,field(${depth + 2},/,0)] if ${levels(depth)}`;

const levels = (depth: number): string => `{ var(txn.route) -m beg ${FILES_BACKEND}|${depth}| }`;

const listenLines = (service: EdgeService, state: EdgeState, around: Surroundings): readonly string[] => [
  `bind 127.0.0.1:${service.listen}`,
  ...(around.ipv6 ? [`bind [::1]:${service.listen} v6only`] : []),
  'log global',
  `log-format '${logFormat(state.listeners)}'`,
  'http-request set-var(txn.path) path',
  ...(state.listeners.redactQuery.length === 0 ? [] : [redactLine(state.listeners.redactQuery)]),
  'http-request set-var(txn.host) req.hdr(host),host_only,lower',
  `http-request set-var(txn.route) str(${requestsBackend(service)}||${service.app}|${service.service}|-)`,
  ...plainRefusal(413, 'Request body too large', `{ req.hdr_val(content-length) gt ${around.limits.maxBodyBytes} }`),
  'http-request set-var(txn.id) req.hdr(x-request-id) if { req.hdr(x-request-id) -m reg ^[A-Za-z0-9._+/=-]{1,128}$ }',
  'http-request set-var(txn.id) uuid() if !{ var(txn.id) -m found }',
  'http-after-response set-header x-request-id %[var(txn.id)]',
  `use_backend ${webSocketsBackend(service)} if { req.hdr(upgrade) -i -m str websocket }`,
  `default_backend ${requestsBackend(service)}`,
];

const backendLines = (
  backend: string,
  service: EdgeService,
  { webSockets, timeouts, forwarded }: { webSockets: boolean; timeouts: boolean; forwarded: readonly string[] },
): readonly string[] => [
  'balance leastconn',
  ...(service.check.kind === 'http' && !webSockets ? checkLines(service.check) : []),
  ...(service.check.kind === 'none' ? [] : [`timeout check ${service.check.timeoutMs}`]),
  ...forwarded,
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
