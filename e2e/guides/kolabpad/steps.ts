import type { Step } from '../step.ts';
import { buildSteps } from './build-steps.ts';
import { careSteps } from './care-steps.ts';
import { runSteps } from './run-steps.ts';

/** In the order of the guide. */
export const kolabpadSteps: readonly Step[] = [...buildSteps, ...runSteps, ...careSteps];
