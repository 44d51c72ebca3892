/** Small manifests for the tests of this package. */
import { DEFAULT_BACKUP_POLICY, type Manifest, type Service } from '@berth/core';

export const exampleService = (name: string, changes: Partial<Service> = {}): Service => ({
  name,
  run: 'node server.js',
  instances: 1,
  switch: 'rolling',
  networked: true,
  listen: null,
  health: { check: { kind: 'tcp' }, everyMs: 5_000, timeoutMs: 3_000, fails: 3, startMs: 30_000 },
  stop: { signal: 'SIGTERM', withinMs: 30_000 },
  limits: { memoryBytes: null, cpu: null, files: 65_536 },
  env: {},
  secrets: [],
  needs: [],
  ...changes,
});

export const manifestOf = (services: readonly Service[], changes: Partial<Manifest> = {}): Manifest => ({
  app: 'pad',
  build: null,
  release: null,
  services,
  routes: [],
  stores: [],
  backup: DEFAULT_BACKUP_POLICY,
  ...changes,
});
