import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { openTarget } from '@berth/vault';
import { TREE_PREFIX } from './tree-place.ts';

export type MakeRepository = {
  readonly temporary: string;
  readonly signal: AbortSignal | undefined;
  /** Lets restic make a repository in a directory that does not exist. */
  readonly init: (directory: string) => Promise<void>;
};

type Target = Awaited<ReturnType<typeof openTarget>>;

/**
 * Makes the repository at a target; several may do so at once, and each may be killed at any moment. `restic init` by itself
 * stores a key and then the configuration sealed with it: two of them, or one that is killed in between, leave a key that opens
 * nothing, and which one a later run takes is luck. So one is made here, both its objects are stored as one under a name
 * that only the first gets, and whoever comes writes out what that one holds.
 */
export const makeRepository = async (target: Target, { temporary, signal, init }: MakeRepository): Promise<void> => {
  const options = signal === undefined ? {} : { signal };
  const directory = await mkdtemp(join(temporary, 'new-'));
  try {
    const made = join(directory, 'repository');
    await init(made);
    const [key = ''] = await readdir(join(made, 'keys'));
    const objects: FirstObjects = {
      key: { name: `${TREE_PREFIX}/keys/${key}`, content: await readFile(join(made, 'keys', key), 'base64') },
      config: { name: `${TREE_PREFIX}/config`, content: await readFile(join(made, 'config'), 'base64') },
    };
    await putIfAbsent(target, FIRST, { body: Buffer.from(JSON.stringify(objects)), signal });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  const chunks = [];
  for await (const chunk of await target.get(FIRST, options)) chunks.push(chunk);
  const { key, config } = JSON.parse(Buffer.concat(chunks).toString()) as FirstObjects;
  // The configuration last: it says that there is a repository.
  for (const { name, content } of [key, config])
    await putIfAbsent(target, name, { body: Buffer.from(content, 'base64'), signal });
};

/** Both are sealed by the password already. restic does not look at this name. */
const FIRST = `${TREE_PREFIX}/first`;

type FirstObjects = Readonly<Record<'key' | 'config', { name: string; content: string }>>;

const putIfAbsent = async (
  target: Target,
  name: string,
  { body, signal }: { body: Uint8Array; signal: AbortSignal | undefined },
): Promise<void> => {
  try {
    await target.put(name, body, { ifAbsent: true, ...(signal === undefined ? {} : { signal }) });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'TARGET_EXISTS') throw error;
  }
};
