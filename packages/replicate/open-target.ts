import { createDirectoryTarget } from './directory-target.ts';
import { planInvalid } from './replication/errors.ts';
import type { TargetDescription } from './replication-messages.ts';
import { createSealer, sealTarget } from './seal.ts';
import type { Target } from './target.ts';

/** Opens what was described; what leaves is sealed if there is a key. */
export const openTarget = async (description: TargetDescription): Promise<Target> => {
  const target = await openPlain(description);
  const { dataKey } = description;
  return dataKey === undefined ? target : sealTarget(target, createSealer({ dataKey }));
};

const openPlain = async (description: TargetDescription): Promise<Target> => {
  if (description.kind === 'directory') {
    return createDirectoryTarget(description.path);
  }
  const module = (await import(description.url)) as { openTarget?: unknown };
  if (typeof module.openTarget !== 'function') throw planInvalid(`${description.url} exports no openTarget`);
  return (await module.openTarget(description.options)) as Target;
};
