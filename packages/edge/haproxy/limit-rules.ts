import type { EdgeLimits } from '../limits.ts';
import type { EdgeState } from '../state.ts';
import { plainRefusal, refusal } from './error-pages.ts';
import { isLimitedRoute, rateWindowMs } from './maps.ts';

export const limitLines = (state: EdgeState, limits: EdgeLimits): readonly string[] => {
  const routes = limitedRoutes(state);
  const byDefault = `{ req.hdr_val(content-length) gt ${limits.maxBodyBytes} }`;
  const bodies = routes.some((route) => route.maxBodyBytes !== null);
  const has = (field: number) => `{ var(txn.limit) -m found } !{ var(txn.limit),field(${field},|) -m str -- - }`;
  return [
    ...(routes.length === 0 ? [] : ['http-request set-var(txn.limit) var(txn.key),lower,map_beg(limits.map)']),
    ...plainRefusal(
      413,
      'Request body too large',
      bodies ? `${byDefault} !{ var(txn.limit) -m found } || ${byDefault} { var(txn.limit),field(4,|) -m str -- - }` : byDefault,
    ),
    ...(bodies ? bodyLines(has(4)) : []),
    ...(routes.some((route) => route.timeoutMs !== null)
      ? [`http-request set-var(txn.timeout) var(txn.limit),field(5,|),add(0) if ${has(5)}`]
      : []),
    ...rateLines(rateWindows(state)),
  ];
};

/** Content-Length is the only length that can be seen beforehand; a body without one is refused where there is a limit. */
const bodyLines = (limited: string): readonly string[] => [
  `http-request set-var(txn.body) var(txn.limit),field(4,|),add(0) if ${limited}`,
  ...refusal(413, 'Request body too large', '{ var(txn.body) -m found } { req.hdr_val(content-length),sub(txn.body) gt 0 }'),
  ...refusal(411, 'Length required', '{ var(txn.body) -m found } { req.hdr(transfer-encoding) -m found }'),
  // HTTP/2 tells neither: look whether a first byte comes.
  'http-request wait-for-body time 10s at-least 1 if { var(txn.body) -m found } !{ req.hdr(content-length) -m found }',
  ...refusal(411, 'Length required', '{ var(txn.body) -m found } !{ req.hdr(content-length) -m found } { req.body_len gt 0 }'),
];

/** Only requests that were let through are counted, so that one who keeps knocking is not shut out for ever. */
const rateLines = (windows: readonly number[]): readonly string[] => {
  if (windows.length === 0) return [];
  return [
    // The address in hexadecimal: written as people do it would cost as much as all the rest here.
    ...windows.map(
      (window) =>
        `http-request track-sc0 src,ipmask(32,64),hex,concat(,txn.limit) table rate-${window} if { var(txn.limit) -m beg ${window}: }`,
    ),
    'http-request set-var(txn.allowed) var(txn.limit),field(2,|) if { sc0_tracked }',
    'http-request set-var(txn.over) bool(true) if { sc0_gpc0_rate,sub(txn.allowed) ge 0 }',
    // An answer before the body has come makes HTTP/2 reset the stream, and many clients never see the answer then.
    'http-request wait-for-body time 1s if { var(txn.over) -m found }',
    ...refusal(429, 'Too many requests', '{ var(txn.over) -m found }', 'retry-after "%[var(txn.limit),field(3,|)]"'),
    // Without a limit nothing is tracked, and this does nothing.
    'http-request sc-inc-gpc0(0)',
  ];
};

/** Each different window is a table of its own; the key says which route and which client. */
export const rateWindows = (state: EdgeState): readonly number[] =>
  [...new Set(limitedRoutes(state).flatMap(({ limit }) => (limit === null ? [] : [rateWindowMs(limit)])))].sort((a, b) => a - b);

export const hasTimeouts = (state: EdgeState): boolean => limitedRoutes(state).some((route) => route.timeoutMs !== null);

export const limitedRoutes = (state: EdgeState) =>
  state.hosts.filter((host) => host.redirectTo === null).flatMap((host) => host.routes.filter(isLimitedRoute));
