import { createSealer, sealTarget, type Target, type TargetDescription } from '@berth/replicate';
import type { VaultAccess } from './access.ts';
import { openTarget } from './open-target.ts';
import { parseTargetUrl } from './target-place.ts';

/** The target of an access, sealed with its key. Asks nothing of it yet. */
export const openAccess = async ({ url, credentials, dataKey }: VaultAccess): Promise<Target> =>
  sealTarget(await openTarget({ url, ...(credentials && { credentials }) }), createSealer({ dataKey }));

/** The same target for `startReplication`, whose process opens it by itself. Holds what is secret. */
export const describeForReplication = ({ name, url, credentials, dataKey }: VaultAccess): TargetDescription => {
  const place = parseTargetUrl(url);
  if (place.kind === 'directory') return { name, dataKey, kind: 'directory', path: place.path };
  return { name, dataKey, kind: 'module', url: MODULE, options: { url, ...(credentials && { credentials }) } };
};

/** Exports `openTarget`, as the replicator wants it. */
const MODULE = new URL('./open-target.ts', import.meta.url).href;
