/** What can happen to what a target holds, for tests: each way takes one thing of a copy of a repository. */
import { chmod, copyFile, mkdir, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export type Damage = {
  readonly name: string;
  readonly store: 'sqlite' | 'files';
  /**
   * What a restore of the newest state has to make of it: `right` where that state does not depend on what was damaged, or can be
   * reached without it; `older` where nothing at the target tells that more of it was ever safe.
   */
  readonly outcome: 'fails' | 'right' | 'older';
  /** restic tries again for most of a minute. */
  readonly isSlow?: boolean;
  readonly apply: (target: Repository) => Promise<void>;
};

/** Objects of one repository as files, by what they are; each list in the order of their age. */
export type Repository = {
  readonly of: (kind: ObjectKind) => Promise<readonly string[]>;
};

export type ObjectKind = 'snapshot' | 'log' | 'merged' | 'lineage' | 'epoch' | 'pack' | 'index' | 'copy' | 'key' | 'config';

const PATTERNS: Readonly<Record<ObjectKind, RegExp>> = {
  snapshot: /\/snapshot-\d+$/,
  log: /\/log-\d+-\d+$/,
  merged: /\/merged-\d-\d+-\d+$/,
  lineage: /\/lineages\/[0-9a-f]+$/,
  epoch: /\/epochs\/\d+$/,
  pack: /\/tree\/data\/..\/[0-9a-f]{64}$/,
  index: /\/tree\/index\/[0-9a-f]{64}$/,
  copy: /\/tree\/snapshots\/[0-9a-f]{64}$/,
  key: /\/tree\/keys\/[0-9a-f]{64}$/,
  config: /\/tree\/config$/,
};

export const openRepository = (directory: string): Repository => ({
  async of(kind) {
    const names = await readdir(directory, { recursive: true });
    const files = names.map((name) => join(directory, name)).filter((path) => PATTERNS[kind].test(path));
    if (kind !== 'pack' && kind !== 'index' && kind !== 'copy') return files.toSorted();
    // restic names files by their content.
    const aged = await Promise.all(files.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
    return aged.toSorted((a, b) => a.at - b.at).map(({ path }) => path);
  },
});

type Pick = (objects: readonly string[]) => string | undefined;

const first: Pick = (objects) => objects[0];
const last: Pick = (objects) => objects.at(-1);
const lastButOne: Pick = (objects) => objects.at(-2);
/** So many come behind it that it cannot have been on its way together with all of them. */
const lastButSix: Pick = (objects) => objects.at(-7);

const at = async (repository: Repository, kind: ObjectKind, pick: Pick): Promise<string> => {
  const path = pick(await repository.of(kind));
  if (path === undefined) throw new Error(`the repository has not enough of ${kind}`);
  return path;
};

/** restic makes its files read-only. */
const writable = async (path: string): Promise<string> => {
  await chmod(path, 0o600);
  return path;
};

const flip = (kind: ObjectKind, pick: Pick) => async (repository: Repository) => {
  const path = await writable(await at(repository, kind, pick));
  const bytes = await readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 0x10;
  await writeFile(path, bytes);
};

const cut =
  (kind: ObjectKind, { pick, share }: { pick: Pick; share: number }) =>
  async (repository: Repository) => {
    const path = await writable(await at(repository, kind, pick));
    await truncate(path, Math.floor((await stat(path)).size * share));
  };

const remove = (kind: ObjectKind, pick: Pick) => async (repository: Repository) => await rm(await at(repository, kind, pick));

const swap = (kind: ObjectKind, one: Pick, other: Pick) => async (repository: Repository) => {
  const [a, b] = [await at(repository, kind, one), await at(repository, kind, other)];
  await rename(a, `${a}.aside`);
  await rename(b, a);
  await rename(`${a}.aside`, b);
};

/** `from` is stored once more, under the name that `over` has. */
const replay = (kind: ObjectKind, from: Pick, over: Pick) => async (repository: Repository) =>
  await copyFile(await at(repository, kind, from), await writable(await at(repository, kind, over)));

const unsealed = (kind: ObjectKind, pick: Pick) => async (repository: Repository) =>
  await writeFile(await at(repository, kind, pick), `BRTHSEG1${'a segment that nobody sealed '.repeat(100)}`);

const forbid = (kind: ObjectKind, pick: Pick) => async (repository: Repository) =>
  await chmod(await at(repository, kind, pick), 0);

const becomeDirectory = (kind: ObjectKind, pick: Pick) => async (repository: Repository) => {
  const path = await at(repository, kind, pick);
  await rm(path);
  await mkdir(path);
};

const isRoot = process.getuid?.() === 0;
const afterForbidding = isRoot ? 'right' : 'fails';

export const DAMAGES: readonly Damage[] = [
  { name: 'a bit of the snapshot', store: 'sqlite', outcome: 'fails', apply: flip('snapshot', first) },
  { name: 'a bit of the newest log', store: 'sqlite', outcome: 'fails', apply: flip('log', last) },
  { name: 'a bit of the log before it', store: 'sqlite', outcome: 'fails', apply: flip('log', lastButOne) },
  { name: 'a bit of an old log that was merged', store: 'sqlite', outcome: 'right', apply: flip('log', first) },
  { name: 'a bit of the merged segment', store: 'sqlite', outcome: 'right', apply: flip('merged', first) },
  { name: 'a bit of the lineage', store: 'sqlite', outcome: 'right', apply: flip('lineage', first) },
  { name: 'a bit of the epoch', store: 'sqlite', outcome: 'right', apply: flip('epoch', first) },
  { name: 'half of the snapshot', store: 'sqlite', outcome: 'fails', apply: cut('snapshot', { pick: first, share: 0.5 }) },
  { name: 'the end of the newest log', store: 'sqlite', outcome: 'fails', apply: cut('log', { pick: last, share: 0.9 }) },
  { name: 'all bytes of the newest log', store: 'sqlite', outcome: 'fails', apply: cut('log', { pick: last, share: 0 }) },
  { name: 'the snapshot', store: 'sqlite', outcome: 'fails', apply: remove('snapshot', first) },
  { name: 'a log in the middle', store: 'sqlite', outcome: 'fails', apply: remove('log', lastButSix) },
  // Four are on their way at a time: one that is missing there was perhaps never safe, nor was what is behind it.
  { name: 'the log before the newest', store: 'sqlite', outcome: 'older', apply: remove('log', lastButOne) },
  { name: 'the merged segment', store: 'sqlite', outcome: 'right', apply: remove('merged', first) },
  // It says where a history came from; this one came from none.
  { name: 'the lineage', store: 'sqlite', outcome: 'right', apply: remove('lineage', first) },
  { name: 'the newest log', store: 'sqlite', outcome: 'older', apply: remove('log', last) },
  { name: 'two logs, exchanged', store: 'sqlite', outcome: 'fails', apply: swap('log', last, lastButOne) },
  { name: 'the newest log, an older one in its place', store: 'sqlite', outcome: 'fails', apply: replay('log', first, last) },
  { name: 'the seal of the newest log', store: 'sqlite', outcome: 'fails', apply: unsealed('log', last) },
  { name: 'the right to read the snapshot', store: 'sqlite', outcome: afterForbidding, apply: forbid('snapshot', first) },
  { name: 'the newest log, a directory in its place', store: 'sqlite', outcome: 'older', apply: becomeDirectory('log', last) },
  { name: 'a bit of a pack', store: 'files', outcome: 'fails', apply: flip('pack', last) },
  { name: 'the end of a pack', store: 'files', outcome: 'fails', isSlow: true, apply: cut('pack', { pick: last, share: 0.5 }) },
  { name: 'all bytes of a pack', store: 'files', outcome: 'fails', isSlow: true, apply: cut('pack', { pick: last, share: 0 }) },
  { name: 'a pack', store: 'files', outcome: 'fails', isSlow: true, apply: remove('pack', last) },
  { name: 'two packs, exchanged', store: 'files', outcome: 'fails', apply: swap('pack', last, lastButOne) },
  { name: 'a bit of the index', store: 'files', outcome: 'fails', apply: flip('index', last) },
  { name: 'the index', store: 'files', outcome: 'fails', apply: remove('index', last) },
  { name: 'a bit of the newest copy’s record', store: 'files', outcome: 'fails', apply: flip('copy', last) },
  {
    name: 'the record of the newest copy, an older one in its place',
    store: 'files',
    outcome: 'fails',
    apply: replay('copy', first, last),
  },
  { name: 'the record of the newest copy', store: 'files', outcome: 'older', apply: remove('copy', last) },
  { name: 'a bit of the key', store: 'files', outcome: 'fails', apply: flip('key', first) },
  { name: 'the key', store: 'files', outcome: 'fails', apply: remove('key', first) },
  { name: 'a bit of the repository’s settings', store: 'files', outcome: 'fails', apply: flip('config', first) },
];
