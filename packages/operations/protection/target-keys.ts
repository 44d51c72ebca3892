import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type HomeLayout, writeFileAtomic } from '@berth/host';

/** What is secret of a target. */
export type TargetKey = {
  readonly dataKey: Uint8Array;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/**
 * The keys of all targets, by name, beside the home's identity and as private as it. The journal has them too, encrypted for that
 * identity; this copy spares a daemon that starts the 15 MB of the library that opens them.
 */
export const readTargetKeys = (layout: Pick<HomeLayout, 'secrets'>): ReadonlyMap<string, TargetKey> => {
  try {
    const { targets } = JSON.parse(readFileSync(fileOf(layout), 'utf8')) as { targets: Record<string, Stored> };
    return new Map(Object.entries(targets).map(([name, stored]) => [name, toKey(stored)]));
  } catch {
    // Missing or damaged: whoever asks opens what the journal has, and writes this anew.
    return new Map();
  }
};

export const writeTargetKeys = async (
  layout: Pick<HomeLayout, 'secrets'>,
  keys: ReadonlyMap<string, TargetKey>,
): Promise<void> => {
  const targets = Object.fromEntries([...keys].map(([name, key]) => [name, toStored(key)]));
  await writeFileAtomic(fileOf(layout), `${JSON.stringify({ format: 1, targets })}\n`, 0o600);
};

type Stored = { readonly dataKey: string; readonly credentials?: TargetKey['credentials'] };

const fileOf = ({ secrets }: Pick<HomeLayout, 'secrets'>) => join(secrets, 'targets.json');

const toKey = ({ dataKey, credentials }: Stored): TargetKey => ({
  dataKey: Buffer.from(dataKey, 'base64'),
  ...(credentials && { credentials }),
});

const toStored = ({ dataKey, credentials }: TargetKey): Stored => ({
  dataKey: Buffer.from(dataKey).toString('base64'),
  ...(credentials && { credentials }),
});
