import type { Step } from '../step.ts';
import { beginSteps } from './begin-steps.ts';
import { checkSteps } from './check-steps.ts';
import { operateSteps } from './operate-steps.ts';

/** In the order of the guide. */
export const bluejaySteps: readonly Step[] = [...beginSteps, ...checkSteps, ...operateSteps];
