import type { Finding } from './problem.ts';
import type { Draft } from './schema.ts';

export const checkStores = (draft: Draft, names: { readonly stores: readonly string[] }): Finding[] => {
  const findings: Finding[] = [];
  if (draft.backup !== undefined && names.stores.length === 0) {
    findings.push({
      path: ['backup'],
      message: 'there is nothing to back up: this app has no stores',
      suggestion: 'name its data under `stores`, or remove `backup`',
      atKey: true,
    });
  }
  const placed: { name: string; path: string }[] = [];
  for (const [name, store] of Object.entries(draft.stores)) {
    const at = ['stores', name];
    if ((store.sqlite === undefined) === (store.files === undefined)) {
      const both = store.sqlite !== undefined;
      findings.push({
        path: both ? [...at, 'files'] : at,
        absence: !both,
        message: both ? 'a store is either `sqlite` or `files`, not both' : 'what kind of store is this?',
        suggestion: both ? 'make it two stores' : `write { sqlite: ${name}.db } or { files: ${name} }`,
        atKey: true,
      });
      continue;
    }
    const path = store.sqlite ?? store.files ?? '';
    const kind = store.sqlite === undefined ? 'files' : 'sqlite';
    if (path === '.') {
      findings.push({
        path: [...at, kind],
        message: `a store has a ${kind === 'files' ? 'directory' : 'file'} of its own`,
        suggestion: `write \`${name}\``,
      });
      continue;
    }
    const other = placed.find((earlier) => overlaps(earlier.path, path));
    if (other !== undefined) {
      findings.push({
        path: [...at, kind],
        message: `\`${path}\` overlaps the store \`${other.name}\` at \`${other.path}\``,
        suggestion: 'give each store a place of its own',
      });
    }
    placed.push({ name, path });
  }
  return findings;
};

const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
