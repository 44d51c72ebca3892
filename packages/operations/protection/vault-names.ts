/** What things are called in the vault, beside the stores with their random ids. Their form is for ever. */

/** The platform's own journal, as a replicated database. */
export const PLATFORM_STORE = 'platform';

/** What of the edge's own directory cannot be made again, as trees: certificates that people set or authorities issued, and the local authority. */
export const EDGE_TREES = { certificates: 'certificates/own', acme: 'acme', authority: 'authority' } as const;

/** A build, by its content address. */
export const buildTree = (build: string): string => `build-${build}`;

export const isBuildTree = (tag: string): boolean => tag.startsWith('build-');
