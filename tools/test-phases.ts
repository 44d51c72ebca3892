import { globSync } from 'node:fs';

export type PhaseName = 'check' | 'unit' | 'real' | 'e2e';

export type Phase = {
  name: PhaseName;
  /** Globs of the phase's test files. */
  files: readonly string[];
  except: readonly string[];
  atOnce: number;
  fileTimeoutMs: number;
};

/** In the order they run: what is quick and most often broken comes first. */
export const PHASES: readonly Phase[] = [
  // Rules about the tree as a whole; the type checker, the linter and the like run beside them.
  { name: 'check', files: ['tools/**/*.test.ts'], except: ['**/*.real.test.ts'], atOnce: 2, fileTimeoutMs: 60_000 },
  {
    name: 'unit',
    files: ['{packages,programs,apps,bench}/**/*.test.ts'],
    except: ['**/*.real.test.ts'],
    atOnce: 2,
    fileTimeoutMs: 60_000,
  },
  // One at a time: real servers and their timing, and two cores to share.
  {
    name: 'real',
    files: ['{packages,programs,apps,tools,bench}/**/*.real.test.ts'],
    except: [],
    atOnce: 1,
    fileTimeoutMs: 300_000,
  },
  { name: 'e2e', files: ['e2e/**/*.test.ts'], except: [], atOnce: 1, fileTimeoutMs: 900_000 },
];

/** The test files of a phase, as paths relative to `root`. */
export const testFilesOf = (phase: Phase, root: string): string[] =>
  globSync(phase.files, { cwd: root, exclude: ['**/node_modules/**', ...phase.except] }).toSorted();
