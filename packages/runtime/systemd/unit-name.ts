import { createHash } from 'node:crypto';

/** Whose instance it is, as far as names go. */
export type Named = { readonly id: string; readonly app: string | null };

/**
 * The unit of an instance: `pad.web.3-k4x` is `pad-web-3-k4x.service`, so that `pad*` finds all of an app. The machine's
 * own home gives plain names; those of another home carry its mark, since units belong to the machine.
 */
export const instanceUnit = ({ id, app }: Named, tag: string): string => {
  const plain = id.replaceAll('.', '-');
  const owner = app === null ? 'berth-' : plain === app || plain.startsWith(`${app}-`) ? '' : `${app}-`;
  return `${tag === '' ? '' : `berth-${tag}-`}${owner}${plain}.service`;
};

/** Where the kernel accounts for all of an app together. */
export const appSlice = (app: string | null, tag: string): string =>
  ['berth', ...(tag === '' ? [] : [tag]), ...(app === null ? [] : [app])].join('-').concat('.slice');

/** '' for the machine's own home. */
export const homeTag = (directory: string): string =>
  directory.startsWith('/var/lib/berth/') ? '' : createHash('sha256').update(directory).digest('hex').slice(0, 6);
