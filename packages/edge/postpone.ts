import type { EdgeState } from './state.ts';

/**
 * As much of `wanted` as can be had without a reload: the services, hosts and listeners stay those of `running`, their
 * servers and holds become the wanted ones.
 */
export const withoutReload = (wanted: EdgeState, running: EdgeState): EdgeState => ({
  ...running,
  services: running.services.map((service) => {
    const same = wanted.services.find((it) => it.app === service.app && it.service === service.service);
    return same === undefined
      ? { ...service, servers: [], hold: { ...service.hold, armed: false } }
      : { ...service, servers: same.servers, hold: same.hold };
  }),
});
