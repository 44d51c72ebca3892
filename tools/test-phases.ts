import { globSync } from 'node:fs';

export type PhaseName = 'check' | 'unit' | 'real' | 'e2e';

export type Phase = {
  name: PhaseName;
  /** Globs of the phase's test files. */
  files: readonly string[];
  except: readonly string[];
  /** How paths begin whose files begin first, in this order; the rest follows in the order of names. */
  first: readonly string[];
  atOnce: number;
  /** It has processes, servers, browsers, clocks: what else the machine does matters, and a second look may be asked for. */
  mayRepeat: boolean;
  fileTimeoutMs: number;
};

/** In the order they run: what is quick and most often broken comes first. */
export const PHASES: readonly Phase[] = [
  // Rules about the tree as a whole; the type checker, the linter and the like run beside them.
  {
    name: 'check',
    files: ['tools/**/*.test.ts'],
    except: ['**/*.real.test.ts'],
    first: [],
    atOnce: 2,
    mayRepeat: false,
    fileTimeoutMs: 60_000,
  },
  {
    name: 'unit',
    files: ['{packages,programs,apps,bench}/**/*.test.ts'],
    except: ['**/*.real.test.ts'],
    first: [],
    atOnce: 2,
    mayRepeat: true,
    fileTimeoutMs: 60_000,
  },
  {
    name: 'real',
    files: ['{packages,programs,apps,tools,bench}/**/*.real.test.ts'],
    except: [],
    // The longest: one that began last would go on alone.
    first: [
      'packages/harden/',
      'apps/bluejay/story/',
      'programs/cli/server/',
      'packages/doctor/',
      'tools/launcher',
      'packages/stores/',
      'packages/replicate/',
      'apps/kolabpad/',
    ],
    atOnce: 2,
    mayRepeat: true,
    fileTimeoutMs: 900_000,
  },
  {
    name: 'e2e',
    files: ['e2e/**/*.test.ts'],
    except: [],
    // What has to go one after the other takes as long as all of it together.
    first: [
      'e2e/guides/bluejay/',
      'e2e/guides/kolabpad/',
      'e2e/server/',
      'e2e/bluejay/',
      'e2e/kolabpad/',
      'e2e/kill-matrix',
      'e2e/recovery',
      'e2e/restore',
      'e2e/systemd/',
      'e2e/backup-',
      'e2e/verdaccio/',
    ],
    atOnce: 2,
    mayRepeat: true,
    fileTimeoutMs: 900_000,
  },
];

/** Files of one lane run one after the other: those of one folder of `e2e`, and an app's guide, deploy the same app, whose port is the same. */
export const laneOf = (file: string): string => /^e2e\/(?:guides\/)?([^/]+)\//.exec(file)?.[1] ?? file;

/** The test files of a phase, as paths relative to `root`, in the order in which they begin. */
export const testFilesOf = (phase: Phase, root: string): string[] => {
  const turnOf = (file: string): number => {
    const turn = phase.first.findIndex((beginning) => file.startsWith(beginning));
    return turn < 0 ? phase.first.length : turn;
  };
  const files = globSync(phase.files, { cwd: root, exclude: ['**/node_modules/**', ...phase.except] });
  return files.toSorted((a, b) => turnOf(a) - turnOf(b) || (a < b ? -1 : 1));
};
