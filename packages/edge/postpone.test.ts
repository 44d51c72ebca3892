import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withoutReload } from './postpone.ts';
import type { EdgeService, EdgeState } from './state.ts';

const service = (name: string, changes: Partial<EdgeService> = {}): EdgeService => ({
  app: 'pad',
  service: name,
  listen: 20_000,
  check: { kind: 'tcp', path: '', everyMs: 5_000, timeoutMs: 3_000, fails: 3 },
  hold: { armed: false, limitMs: 1_000, maxRequests: 10 },
  servers: [],
  ...changes,
});
const state = (services: readonly EdgeService[]): EdgeState => ({
  listeners: { addresses: ['127.0.0.1'], httpPort: 80, httpsPort: null, trustedProxies: [], redactQuery: [] },
  services,
  hosts: [],
});

test('servers and holds change, services wait for the reload', () => {
  const running = state([service('web'), service('old', { servers: [{ id: 'o', port: 1, state: 'ready' }] })]);
  const wanted = state([
    service('web', {
      listen: 21_000,
      hold: { armed: true, limitMs: 1_000, maxRequests: 10 },
      servers: [{ id: 'w', port: 2, state: 'ready' }],
    }),
    service('new'),
  ]);
  const now = withoutReload(wanted, running);
  assert.deepEqual(
    now.services.map((it) => [it.service, it.listen, it.hold.armed, it.servers.map(({ id }) => id)]),
    [
      ['web', 20_000, true, ['w']],
      ['old', 20_000, false, []],
    ],
  );
});
