import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { HomeLayout } from '@berth/host';
import type { Journal } from '@berth/journal';
import type { Trees } from '@berth/stores';
import type { VaultAccess } from '@berth/vault';
import { buildTree, EDGE_TREES, isBuildTree } from './vault-names.ts';

export type TreesDeps = {
  readonly journal: Journal;
  readonly layout: HomeLayout;
  readonly now: () => Date;
  readonly trees: Trees;
};

/** Trees by tag, with a stamp of their content: what a target has of them is kept in the journal. */
type Stamps = Readonly<Record<string, string>>;

/** What a new machine needs beside the stores: builds of the releases that can serve, certificates and their authority. */
export async function treesDue(
  { journal, layout }: TreesDeps,
  target: string,
): Promise<{ save: Stamps; forget: readonly string[] }> {
  const wanted: Record<string, string> = {};
  /** By what the journal says alone: a disk that is away must not make a target forget what only it still has. */
  const kept = new Set<string>();
  for (const app of journal.apps.list()) {
    for (const release of journal.releases.list(app.name)) {
      if (release.state !== 'good' && release.number !== app.release) continue;
      kept.add(buildTree(release.build));
      // A build never changes; its address is its stamp.
      if (await exists(join(layout.app(app.name).builds, `${release.build}.ready`))) wanted[buildTree(release.build)] = 'built';
    }
  }
  for (const [tag, name] of Object.entries(EDGE_TREES)) {
    const stamp = await stampOf(join(layout.edge, name));
    if (stamp !== null) wanted[tag] = stamp;
  }
  const has = stampsAt(journal, target);
  return {
    save: Object.fromEntries(Object.entries(wanted).filter(([tag, stamp]) => has[tag] !== stamp)),
    forget: Object.keys(has).filter((tag) => isBuildTree(tag) && !kept.has(tag)),
  };
}

/** One after the other; what has been saved is known to be when the next one fails. */
export async function bringTrees(deps: TreesDeps, access: VaultAccess, signal: AbortSignal): Promise<number> {
  const { journal, now, trees } = deps;
  const { save, forget } = await treesDue(deps, access.name);
  for (const [tag, stamp] of Object.entries(save)) {
    const directory = await directoryOf(deps, tag);
    if (directory === null) continue;
    await trees.save(access, { tag, directory, at: now().getTime(), signal });
    journal.settings.set(keyOf(access.name), { ...stampsAt(journal, access.name), [tag]: stamp });
  }
  if (forget.length > 0) {
    await trees.forgetTags(access, forget, signal);
    const left = Object.entries(stampsAt(journal, access.name)).filter(([tag]) => !forget.includes(tag));
    journal.settings.set(keyOf(access.name), Object.fromEntries(left));
  }
  return Object.keys(save).length;
}

export const forgetStamps = (journal: Journal, target: string): void => journal.settings.set(keyOf(target), {});

const keyOf = (target: string) => `trees.${target}`;
const stampsAt = (journal: Journal, target: string): Stamps => journal.settings.get<Stamps>(keyOf(target)) ?? {};

async function directoryOf({ journal, layout }: TreesDeps, tag: string): Promise<string | null> {
  if (tag in EDGE_TREES) return join(layout.edge, EDGE_TREES[tag as keyof typeof EDGE_TREES]);
  for (const app of journal.apps.list()) {
    const release = journal.releases.list(app.name).find(({ build }) => buildTree(build) === tag);
    if (!release) continue;
    const directory = join(layout.app(app.name).builds, release.build);
    if (await exists(directory)) return directory;
  }
  return null;
}

/** Of small directories of files: names, sizes and times. Null for one that is empty or absent. */
async function stampOf(directory: string): Promise<string | null> {
  const names = await readdir(directory).catch(() => []);
  if (names.length === 0) return null;
  const lines = await Promise.all(
    names
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map(async (name) => {
        const { size, mtimeMs } = await lstat(join(directory, name));
        return `${name} ${size} ${mtimeMs}`;
      }),
  );
  return createHash('sha256').update(lines.join('\n')).digest('base64url').slice(0, 16);
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );
