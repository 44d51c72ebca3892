/** How much of each guide was replayed when that was last written down (`npm run guides`). */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { readText, ROOT } from './source-tree.ts';
import type { GuideName } from './requirements.ts';

export type ReplayedGuide = {
  /** Ids in the order of the guide. */
  readonly steps: readonly string[];
  /** Where each step that ran was seen to do what it shall. */
  readonly replayed: Readonly<Record<string, 'process' | 'machine'>>;
  /** Why the others did not run. */
  readonly left: Readonly<Record<string, string>>;
};

export type ReplayedGuides = Readonly<Partial<Record<GuideName, ReplayedGuide>>>;

export const STEPS_FILE = 'docs/guides/steps.json';

export const readReplayedGuides = (): ReplayedGuides =>
  existsSync(path.join(ROOT, STEPS_FILE)) ? (JSON.parse(readText(STEPS_FILE)) as ReplayedGuides) : {};

/** `31 of 52`, or in words that a guide has not been begun. */
export const stepsInWords = (guide: ReplayedGuide | undefined): string =>
  guide === undefined ? 'not begun' : `${Object.keys(guide.replayed).length} of ${guide.steps.length}`;
