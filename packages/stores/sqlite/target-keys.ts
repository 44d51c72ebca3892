import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@berth/host';

/**
 * By what the replicator remembers how far each target is, kept beside what it remembers. A target that was away while others
 * were followed has a gap, as what it needed is gone: it gets another key when it comes back, and with it a complete copy.
 */
export const assignTargetKeys = async (
  stateDirectory: string,
  vaults: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  await mkdir(stateDirectory, { recursive: true, mode: 0o700 });
  const file = join(stateDirectory, FILE);
  const before = await readKnown(file);
  const known: Record<string, Known> = {};
  for (const [vault, { times }] of Object.entries(before)) known[vault] = { times, isIn: false };
  for (const vault of vaults) {
    const { times = 0, isIn = false } = before[vault] ?? {};
    known[vault] = { times: isIn ? times : times + 1, isIn: true };
  }
  const text = JSON.stringify({ format: 1, targets: known });
  // Before anything is followed by it: told too early it costs a copy, too late a gap.
  if (JSON.stringify({ format: 1, targets: before }) !== text) await writeFileAtomic(file, text, 0o600);
  return new Map(vaults.map((vault) => [vault, renderKey(vault, known[vault]?.times ?? 1)]));
};

/** The vault of a key. */
export const vaultOfKey = (key: string): string => key.split(SEPARATOR)[0] ?? key;

type Known = { readonly times: number; readonly isIn: boolean };

const FILE = 'targets.json';
const SEPARATOR = '-';

const renderKey = (vault: string, times: number): string => `${vault}${SEPARATOR}${times}`;

const readKnown = async (file: string): Promise<Readonly<Record<string, Known>>> => {
  try {
    const { targets } = JSON.parse(await readFile(file, 'utf8')) as { targets: Record<string, Known> };
    return targets;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
};
