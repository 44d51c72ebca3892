import { createSealer, sealTarget, type Target, type TargetDescription } from '@berth/replicate';
import type { VaultAccess } from './access.ts';
import { openTarget } from './open-target.ts';
import type { RetryLimits } from './retry.ts';
import { parseTargetUrl } from './target-place.ts';

export type AccessOptions = {
  /** How long requests are repeated; see RETRY_LIMITS for what is not said. Directories are asked once. */
  readonly retry?: Partial<RetryLimits>;
};

/** The target of an access, sealed with its key. Asks nothing of it yet. */
export const openAccess = async ({ url, credentials, dataKey }: VaultAccess, { retry }: AccessOptions = {}): Promise<Target> => {
  const target = await openTarget({ url, ...(credentials && { credentials }), ...(retry && { retry }) });
  return sealTarget(target, createSealer({ dataKey }));
};

/** The same target for `startReplication`, whose process opens it by itself. Holds what is secret. */
export const describeForReplication = (
  { name, url, credentials, dataKey }: VaultAccess,
  { retry }: AccessOptions = {},
): TargetDescription => {
  const place = parseTargetUrl(url);
  if (place.kind === 'directory') return { name, dataKey, kind: 'directory', path: place.path };
  return {
    name,
    dataKey,
    kind: 'module',
    url: MODULE,
    options: { url, ...(credentials && { credentials }), ...(retry && { retry }) },
  };
};

/** Exports `openTarget`, as the replicator wants it. */
const MODULE = new URL('./open-target.ts', import.meta.url).href;
