/** Walks an app's source in an order that never changes. */
import { lstat, readdir, readlink } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileNotReadable, linkLeavesSource } from './errors.ts';
import { type IgnoreRules, readIgnoreRules } from './ignore-rules.ts';
import { placeIn, type SourceLayout } from './source-layout.ts';

export type SourceFile =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number }
  | { readonly kind: 'directory'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** `except`: a directory that is never part of it, e.g. the platform's own home. */
export async function* listSource(layout: SourceLayout, except: string | null): AsyncGenerator<SourceFile> {
  yield* walk({ layout, except, manifest: join(layout.directory, 'berth.yaml') }, '', await readIgnoreRules(layout.root));
}

type Walk = { readonly layout: SourceLayout; readonly except: string | null; readonly manifest: string };

async function* walk(context: Walk, directory: string, rules: IgnoreRules): AsyncGenerator<SourceFile> {
  const { layout, except, manifest } = context;
  const entries = await readdir(join(layout.root, directory), { withFileTypes: true }).catch((cause) => {
    throw fileNotReadable(join(layout.root, directory), cause);
  });
  // By code unit: the order must not depend on the language of whoever deploys.
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
    const place = placeIn(layout, path);
    if (place === 'outside') continue;
    const absolute = join(layout.root, path);
    if (entry.isDirectory()) {
      if (rules.excludes(path, 'directory') || absolute === except) continue;
      yield { kind: 'directory', path, mode: await modeOf(absolute) };
      yield* walk(context, path, await rules.enter(path));
      continue;
    }
    if (place === 'above') continue;
    // The manifest always comes along: without it the rest would be of no use.
    if (path !== manifest && rules.excludes(path, 'file')) continue;
    // Sockets, pipes and devices hold nothing that could be sent; git leaves them out as well.
    if (entry.isSymbolicLink()) yield { kind: 'link', path, target: await targetOf(layout, path) };
    else if (entry.isFile()) yield { kind: 'file', path, mode: await modeOf(absolute) };
  }
}

/** Permissions only: owners and set-user-id bits mean nothing on the other side. */
const modeOf = async (path: string): Promise<number> => (await lstat(path)).mode & 0o777;

const targetOf = async (layout: SourceLayout, path: string): Promise<string> => {
  const target = await readlink(join(layout.root, path));
  const leadsTo = relative(layout.root, resolve(layout.root, dirname(path), target));
  if (target.startsWith(sep) || leadsTo === '..' || leadsTo.startsWith(`..${sep}`)) throw linkLeavesSource(path, target);
  if (placeIn(layout, leadsTo) === 'outside') throw linkLeavesSource(path, target, leadsTo);
  return target;
};
