import { type Manifest, resolveHost } from '@berth/core';
import { isPortFree, ownerOfPort } from '@berth/host';
import { generateSecret } from '@berth/secrets';
import { ensureAppDirectories, ensureStores } from '../app-directories.ts';
import type { StepContext, StepDefinition } from '../engine.ts';
import { hostTaken, listenTaken, secretsMissing } from '../errors.ts';
import type { StepDeps } from './deps.ts';
import { inputOf } from './memory.ts';

/** Everything that can be known to go wrong before anything is touched. */
export function checkStep(deps: StepDeps): StepDefinition {
  return {
    name: 'check',
    async run(context) {
      const { manifest, warnings = [] } = inputOf(context);
      if (!manifest) return undefined;
      context.remember({ warnings });
      checkHosts(deps, manifest);
      await checkListen(deps, manifest);
      const generated = await provideSecrets(deps, context, manifest);
      const owners = { app: await deps.users.app(manifest.app), edge: deps.users.edge };
      await ensureAppDirectories(deps.layout, manifest.app, owners);
      await ensureStores(deps.layout, manifest, owners);
      await deps.protection.adopt(manifest);
      return generated.length === 0 ? undefined : `generated ${generated.join(', ')}`;
    },
  };
}

function checkHosts({ journal, settings }: StepDeps, manifest: Manifest): void {
  const { domain } = settings();
  const wanted = new Set(manifest.routes.map((routes) => resolveHost(routes.host, domain)));
  for (const other of journal.apps.list()) {
    if (other.name === manifest.app || other.release === null) continue;
    for (const { host } of journal.releases.get(other.name, other.release).manifest.routes) {
      const taken = resolveHost(host, domain);
      if (wanted.has(taken)) throw hostTaken(taken, other.name);
    }
  }
}

async function checkListen({ journal }: StepDeps, manifest: Manifest): Promise<void> {
  for (const { name, listen } of manifest.services) {
    if (listen === null || journal.apps.address(manifest.app, name) === listen) continue;
    const owner = journal.apps.addresses().find((address) => address.port === listen);
    if (owner) throw listenTaken(name, listen, `${owner.app}/${owner.service}`);
    if (await isPortFree(listen)) continue;
    const process = ownerOfPort(listen)?.process;
    throw listenTaken(name, listen, process ? `${process.name} (pid ${process.pid})` : 'another program');
  }
}

/** Secrets that nobody set are made if the manifest asks for that, and are an error otherwise. */
async function provideSecrets({ journal, sealer }: StepDeps, { app }: StepContext, manifest: Manifest): Promise<string[]> {
  const known = new Set(journal.configuration.secrets(app).map((secret) => secret.name));
  const uses = manifest.services.flatMap((service) => service.secrets).filter((use) => !known.has(use.name));
  const toMake = [...new Set(uses.filter((use) => use.generate).map((use) => use.name))];
  const missing = [...new Set(uses.map((use) => use.name))].filter((name) => !toMake.includes(name));
  if (missing.length > 0) throw secretsMissing(app, missing);
  for (const name of toMake) {
    const sealed = await sealer.seal(generateSecret());
    journal.transaction(() => journal.configuration.setSecret(app, name, { sealed, generated: true }));
  }
  return toMake;
}
