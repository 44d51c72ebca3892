import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { asBerthError, type BerthError } from '@berth/core';
import { execOk, type HomeLayout, type SystemUser, writeFileAtomic } from '@berth/host';
import type { ReleaseRow } from '@berth/journal';
import { buildTree, EDGE_TREES } from '../protection/vault-names.ts';
import { isSilence } from './copies.ts';
import type { OpenTarget, RecoveryDeps, TreeCopy } from './deps.ts';
import { labelOf, type PartResult } from './parts.ts';
import { REMOVE } from './stores.ts';
import { type FoundTargets, type Silent, say } from './targets.ts';

/** The trees at all targets, asked for once. */
export type TreeShelf = {
  readonly at: readonly { readonly target: OpenTarget; readonly copies: readonly TreeCopy[] }[];
  readonly silent: readonly Silent[];
};

export async function openShelf(
  { trees }: Pick<RecoveryDeps, 'trees'>,
  { open, silent }: FoundTargets,
  signal?: AbortSignal,
): Promise<TreeShelf> {
  const at: TreeShelf['at'][number][] = [];
  const failed: Silent[] = [];
  for (const target of open) {
    try {
      at.push({ target, copies: await trees.list(target.access, signal ? { signal } : {}) });
    } catch (cause) {
      signal?.throwIfAborted();
      failed.push({ target: target.name, reason: asBerthError(cause).message });
    }
  }
  return { at, silent: [...silent, ...failed] };
}

/** The newest copy of a tree at each target, at or before a moment, newest first. */
export function copiesOf(shelf: TreeShelf, tag: string, at: Date | null): { target: OpenTarget; copy: TreeCopy }[] {
  const until = at?.getTime() ?? Number.POSITIVE_INFINITY;
  return shelf.at
    .flatMap(({ target, copies }) => {
      const fitting = copies.filter((copy) => copy.tag === tag && copy.at <= until).toSorted((a, b) => b.at - a.at);
      return fitting[0] ? [{ target, copy: fitting[0] }] : [];
    })
    .toSorted((a, b) => b.copy.at - a.copy.at);
}

type TreeWork = {
  readonly shelf: TreeShelf;
  readonly tag: string;
  readonly part: Pick<PartResult, 'what' | 'app' | 'name'>;
  readonly at: Date | null;
  readonly into: string;
  readonly signal?: AbortSignal | undefined;
};

/** One tree to a place beside its own, then renamed; `finish` is done before that. */
async function recoverTree(
  deps: RecoveryDeps,
  work: TreeWork,
  finish: (directory: string) => Promise<void>,
): Promise<PartResult> {
  const { shelf, tag, part, at, into, signal } = work;
  const absent = { ...part, target: null, at: null, bytes: null };
  const found = copiesOf(shelf, tag, at);
  const scratch = `${into}.recovering`;
  const reasons: string[] = [];
  let silence: BerthError | undefined;
  for (const { target, copy } of found) {
    const name = labelOf(part);
    deps.report({ event: 'part.started', part: name, target: target.name, bytes: null });
    try {
      await rm(scratch, REMOVE);
      const { bytes, evidence } = await deps.trees.restore(target.access, {
        ...{ tag, at: copy.at, into: scratch },
        ...(signal && { signal }),
        onProgress: (fraction) => deps.report({ event: 'part.progress', part: name, fraction, bytes: null }),
      });
      await finish(scratch);
      await rm(into, { recursive: true, force: true });
      await rename(scratch, into);
      const moment = new Date(copy.at).toISOString();
      return { ...part, outcome: 'recovered', target: target.name, at: moment, bytes, note: evidence };
    } catch (cause) {
      signal?.throwIfAborted();
      const { message } = asBerthError(cause);
      deps.report({ event: 'part.failed', part: name, target: target.name, reason: message });
      reasons.push(message.includes(target.name) ? message : `${target.name}: ${message}`);
      if (isSilence(cause)) silence ??= asBerthError(cause);
    }
  }
  if (silence !== undefined) throw silence;
  if (reasons.length > 0) return { ...absent, outcome: 'lost', note: reasons.join('; ') };
  if (shelf.silent.length > 0)
    return { ...absent, outcome: 'lost', note: `it is at no target that answers; ${say(shelf.silent)}` };
  return { ...absent, outcome: 'nothing', note: 'no target has it' };
}

/** Certificates and the local authority, so that browsers that trust it go on doing so. */
export async function recoverEdgeTree(
  deps: RecoveryDeps,
  tag: keyof typeof EDGE_TREES,
  work: Pick<TreeWork, 'shelf' | 'at' | 'signal'>,
): Promise<PartResult> {
  const into = join(deps.layout.edge, EDGE_TREES[tag]);
  await mkdir(dirname(into), { recursive: true, mode: 0o711 });
  const part = { what: 'certificates' as const, app: null, name: tag };
  return recoverTree(deps, { ...work, tag, part, into }, async (directory) => {
    if (deps.uid === 0) await execOk(['chown', '--recursive', '--no-dereference', 'root:root', directory]);
  });
}

/** A build, so that the release can serve without being built again. Its marker comes last: half a build is none. */
export async function recoverBuild(
  deps: RecoveryDeps,
  release: ReleaseRow,
  work: Pick<TreeWork, 'shelf' | 'signal'> & { readonly user: SystemUser | null },
): Promise<PartResult> {
  const { user, shelf, signal } = work;
  const { builds } = deps.layout.app(release.app);
  const part = { what: 'build' as const, app: release.app, name: release.build.slice(0, 12) };
  const tree = { shelf, signal, tag: buildTree(release.build), part, at: null, into: join(builds, release.build) };
  const result = await recoverTree(deps, tree, (directory) => seal(directory, user));
  if (result.outcome === 'recovered') await markReady(deps, release);
  return result;
}

/** As the builder leaves it: nobody can change it, and only its own app can read it. The modes below are those of the copy. */
async function seal(directory: string, user: SystemUser | null): Promise<void> {
  if (!user) return;
  await execOk(['chown', '--recursive', '--no-dereference', `root:${user.gid}`, directory]);
  await chmod(directory, 0o750);
}

const markReady = ({ layout, now }: { layout: HomeLayout; now: () => Date }, { app, build, manifest }: ReleaseRow) =>
  writeFileAtomic(
    join(layout.app(app).builds, `${build}.ready`),
    `${JSON.stringify({ source: null, command: manifest.build, at: now().toISOString() })}\n`,
    0o600,
  );
