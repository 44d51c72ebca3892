import type { Surroundings } from '../haproxy/configuration.ts';
import { defaultLimits } from '../limits.ts';
import type { EdgeState } from '../state.ts';
import { host, route, service, state } from './edge-fixture.ts';

export const around: Surroundings = { limits: defaultLimits, maxConnections: 5_000, threads: 2, ipv6: true };

/** One app with one service. */
export const small: EdgeState = state(
  { http: 8080 },
  {
    listeners: { addresses: ['127.0.0.1'] },
    services: [service({ listen: 21_000, servers: [{ id: 'pad.web.1-a', port: 21_001 }] })],
    hosts: [host('pad.localhost', [route('/', 'web')])],
  },
);

/** Something of everything. */
export const large: EdgeState = state(
  { http: 80 },
  {
    listeners: {
      addresses: ['0.0.0.0', '::'],
      httpsPort: 443,
      trustedProxies: ['10.0.0.0/8', 'fd00::/8'],
      redactQuery: ['token', 'sig'],
    },
    services: [
      service({
        listen: 21_000,
        hold: { armed: true, limitMs: 30_000, maxRequests: 500 },
        servers: [
          { id: 'pad.web.1-a', port: 21_001, state: 'maint' },
          { id: 'pad.web.2-b', port: 21_002 },
        ],
      }),
      service({
        service: 'live',
        listen: 21_010,
        check: { kind: 'tcp', path: '/', everyMs: 5_000, timeoutMs: 3_000, fails: 3 },
        servers: [{ id: 'pad.live.1-a', port: 21_011 }],
      }),
      service({
        app: 'shop',
        service: 'jobs',
        listen: 21_020,
        check: { kind: 'none', path: '/', everyMs: 1_000, timeoutMs: 1_000, fails: 1 },
        servers: [],
      }),
    ],
    hosts: [
      host(
        'pad.example.com',
        [
          route('/', 'web'),
          route('/live', 'live'),
          route('/assets/', {
            kind: 'files',
            directory: '/srv/pad/2/dist',
            cache: { kind: 'immutable' },
            earlier: ['/srv/pad/1/dist'],
          }),
          route(
            '/uploads/',
            { kind: 'files', directory: '/srv/pad/my uploads', cache: { kind: 'age', seconds: 86_400 } },
            { headers: { 'x-frame-options': null } },
          ),
          route('/api/document/', 'web', {
            limit: { requests: 5, perMs: 60_000, burst: 5 },
            maxBodyBytes: 1_048_576,
            timeoutMs: 5_000,
          }),
          route('/old', { kind: 'redirect', location: '/new', status: 301 }),
        ],
        { headers: { 'content-security-policy': "default-src 'self'; script-src 'self' https://cdn.example.com" } },
      ),
      host('www.pad.example.com', [], { redirectTo: 'pad.example.com' }),
    ],
  },
);
