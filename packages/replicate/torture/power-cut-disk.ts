import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DiskEntry } from './power-cut-log.ts';
import type { Random } from './random.ts';

/**
 * What may have happened to that which was not synced: a name that was given, changed or removed in a directory that was not
 * synced since is there or not; of a file, what was not synced is there, or not at all, or up to some byte, or zeros are.
 */
export type Losses = {
  readonly keepsName: () => boolean;
  readonly keepsBytes: () => 'all' | 'none' | 'torn' | 'zeros';
  /** Where it is torn, from 0 to 1. */
  readonly tornAt: () => number;
};

export type LossKind = 'nothing' | 'everything' | 'names' | 'bytes' | 'zeros' | 'anything';

export const lossesOf = (kind: LossKind, random: Random): Losses => {
  const tornAt = (): number => random.next();
  switch (kind) {
    case 'nothing':
      return { keepsName: () => true, keepsBytes: () => 'all', tornAt };
    case 'everything':
      return { keepsName: () => false, keepsBytes: () => 'none', tornAt };
    case 'names':
      return { keepsName: () => false, keepsBytes: () => 'all', tornAt };
    case 'bytes':
      return { keepsName: () => true, keepsBytes: () => 'none', tornAt };
    case 'zeros':
      return { keepsName: () => true, keepsBytes: () => 'zeros', tornAt };
    case 'anything':
      return { keepsName: () => random.boolean(), keepsBytes: () => random.pick(['all', 'none', 'torn', 'zeros']), tornAt };
  }
};

/** Files by their path, null for directories; in the order in which they can be made. */
export type DiskTree = ReadonlyMap<string, Buffer | null>;

export type Cut = {
  /** These were there and empty at the beginning. */
  readonly roots: readonly string[];
  /** Behind so many entries. */
  readonly cut: number;
  readonly losses: Losses;
};

/** What lies below the roots after a power cut. */
export const diskAfterCut = (log: readonly DiskEntry[], { roots, cut, losses }: Cut): DiskTree => {
  const disk = new Disk(roots);
  for (const [index, entry] of log.slice(0, cut).entries()) disk.apply(entry, index);
  return disk.remains(losses);
};

/** Makes the roots hold what the tree says and nothing else. */
export const layOut = (tree: DiskTree, roots: readonly string[]): void => {
  for (const root of roots) {
    mkdirSync(root, { recursive: true });
    for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
  }
  for (const [path, content] of tree) {
    if (content === null) mkdirSync(path, { mode: 0o700 });
    else writeFileSync(path, content, { mode: 0o600 });
  }
};

type Edit = { readonly index: number } & ({ readonly offset: number; readonly data: Buffer } | { readonly length: number });
type FileNode = { readonly kind: 'file'; readonly edits: Edit[]; synced: number };
type DirectoryNode = { readonly kind: 'directory'; readonly entries: Map<string, Node>; synced: number };
type Node = FileNode | DirectoryNode;
type Name = { readonly directory: DirectoryNode; readonly name: string };
/** One change of names, which happens as a whole or not. */
type Change = {
  readonly index: number;
  readonly remove?: Name;
  readonly add?: Name & { readonly node: Node };
};

class Disk {
  readonly #roots: ReadonlyMap<string, DirectoryNode>;
  readonly #handles = new Map<string, Node>();
  readonly #changes: Change[] = [];

  constructor(roots: readonly string[]) {
    this.#roots = new Map(roots.map((root) => [root, newDirectory()]));
  }

  apply(entry: DiskEntry, index: number): void {
    switch (entry.op) {
      case 'open': {
        let node = this.#find(entry.path);
        if (node === undefined) {
          node = { kind: 'file', edits: [], synced: 0 };
          this.#change({ index, add: { ...this.#name(entry.path), node } });
        } else if (entry.isEmptied && node.kind === 'file') node.edits.push({ index, length: 0 });
        this.#handles.set(entry.handle, node);
        break;
      }
      case 'write':
        this.#file(entry.handle).edits.push({ index, offset: entry.offset, data: Buffer.from(entry.data, 'base64') });
        break;
      case 'truncate':
        this.#file(entry.handle).edits.push({ index, length: entry.length });
        break;
      case 'sync': {
        const node = this.#handles.get(entry.handle);
        if (node !== undefined) node.synced = Math.max(node.synced, entry.from);
        break;
      }
      case 'mkdir':
        this.#change({ index, add: { ...this.#name(entry.path), node: newDirectory() } });
        break;
      case 'unlink':
        this.#change({ index, remove: this.#name(entry.path) });
        break;
      case 'link':
      case 'rename': {
        const node = this.#find(entry.path);
        if (node === undefined) throw new Error(`${entry.path} was never made`);
        const add = { ...this.#name(entry.to), node };
        this.#change({ index, ...(entry.op === 'rename' && { remove: this.#name(entry.path) }), add });
        break;
      }
    }
  }

  remains({ keepsName, keepsBytes, tornAt }: Losses): DiskTree {
    const names = new Map<DirectoryNode, Map<string, Node>>();
    const namesOf = (directory: DirectoryNode): Map<string, Node> => {
      const found = names.get(directory) ?? new Map<string, Node>();
      names.set(directory, found);
      return found;
    };
    for (const { index, remove, add } of this.#changes) {
      // A rename to another directory is on the disk with the one that it leads to.
      const synced = add?.directory.synced ?? remove?.directory.synced ?? 0;
      if (index >= synced && !keepsName()) continue;
      if (remove !== undefined) namesOf(remove.directory).delete(remove.name);
      if (add !== undefined) namesOf(add.directory).set(add.name, add.node);
    }
    const contents = new Map<FileNode, Buffer>();
    const contentOf = (node: FileNode): Buffer => {
      const content = contents.get(node) ?? remainingBytes(node, { keeps: keepsBytes(), tornAt: tornAt() });
      contents.set(node, content);
      return content;
    };
    const tree = new Map<string, Buffer | null>();
    const walk = (path: string, directory: DirectoryNode): void => {
      for (const [name, node] of namesOf(directory)) {
        tree.set(`${path}/${name}`, node.kind === 'file' ? contentOf(node) : null);
        if (node.kind === 'directory') walk(`${path}/${name}`, node);
      }
    };
    for (const [path, directory] of this.#roots) walk(path, directory);
    return tree;
  }

  #change(change: Change): void {
    this.#changes.push(change);
    const { remove, add } = change;
    remove?.directory.entries.delete(remove.name);
    add?.directory.entries.set(add.name, add.node);
  }

  #find(path: string): Node | undefined {
    const root = this.#roots.get(path);
    if (root !== undefined) return root;
    const { directory, name } = this.#name(path);
    return directory.entries.get(name);
  }

  #name(path: string): Name {
    const [root, start] = [...this.#roots].find(([each]) => path.startsWith(`${each}/`)) ?? [];
    if (root === undefined || start === undefined) throw new Error(`${path} is not below a root`);
    const words = path.slice(root.length + 1).split('/');
    let directory = start;
    for (const word of words.slice(0, -1)) {
      const next = directory.entries.get(word);
      if (next?.kind !== 'directory') throw new Error(`${word} of ${path} was never made`);
      directory = next;
    }
    return { directory, name: words.at(-1) ?? '' };
  }

  #file(handle: string): FileNode {
    const node = this.#handles.get(handle);
    if (node?.kind !== 'file') throw new Error('a file is written that was never opened');
    return node;
  }
}

const newDirectory = (): DirectoryNode => ({ kind: 'directory', entries: new Map(), synced: 0 });

const remainingBytes = (
  { edits, synced }: FileNode,
  { keeps, tornAt }: { keeps: ReturnType<Losses['keepsBytes']>; tornAt: number },
): Buffer => {
  let content: Buffer = Buffer.alloc(0);
  const apply = (edit: Edit, data?: Buffer): void => {
    const wanted = 'length' in edit ? edit.length : edit.offset + (data ?? edit.data).length;
    if ('length' in edit ? wanted !== content.length : wanted > content.length) {
      const resized = Buffer.alloc(wanted);
      content.copy(resized);
      content = resized;
    }
    if ('data' in edit) (data ?? edit.data).copy(content, edit.offset);
  };
  for (const edit of edits) if (edit.index < synced) apply(edit);
  const waiting = edits.filter(({ index }) => index >= synced);
  const kept = keeps === 'none' ? 0 : keeps === 'torn' ? tornAt * waiting.length : waiting.length;
  for (const [number, edit] of waiting.entries()) {
    if (number >= kept) break;
    if (!('data' in edit)) apply(edit);
    else if (keeps === 'zeros') apply(edit, Buffer.alloc(edit.data.length));
    else apply(edit, edit.data.subarray(0, Math.ceil(edit.data.length * Math.min(1, kept - number))));
  }
  return content;
};
