import { anyPortOf, findFreePort, type PortRange } from '@berth/host';
import type { Journal } from '@berth/journal';

/** Leases of loopback ports: taken in the journal, free on the machine. */
export interface Ports {
  /** `keep` writes the lease to the journal; until it returns nobody else is given a port. */
  lease<T>(keep: (port: number) => T): Promise<T>;
}

export function createPorts(journal: Journal, range: PortRange): Ports {
  let last: Promise<unknown> = Promise.resolve();
  let after = anyPortOf(range);
  return {
    lease(keep) {
      const mine = last
        .catch(() => undefined)
        .then(async () => {
          const port = await findFreePort({ range, taken: journal.instances.takenPorts(), after });
          after = port;
          return keep(port);
        });
      last = mine;
      return mine;
    },
  };
}
