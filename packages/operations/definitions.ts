import type { OperationKind } from '@berth/protocol';
import type { StepDefinition } from './engine.ts';
import { markRunningStep, removeAppStep, stopAppStep, waitGoneStep } from './steps/app-state.ts';
import { buildStep } from './steps/build.ts';
import { checkStep } from './steps/check.ts';
import type { StepDeps } from './steps/deps.ts';
import { finishStep } from './steps/finish.ts';
import { findReleaseStep, prepareReleaseStep } from './steps/prepare.ts';
import { releaseCommandStep } from './steps/release-command.ts';
import { switchSteps } from './steps/switch.ts';

/** What each operation does, step by step. */
export function defineOperations(deps: StepDeps): Record<OperationKind, readonly StepDefinition[]> {
  const toNewRelease = [
    prepareReleaseStep(deps),
    releaseCommandStep(deps, 'before'),
    ...switchSteps(deps, releaseCommandStep(deps, 'held'), 'replace'),
    finishStep(deps),
  ];
  return {
    deploy: [checkStep(deps), buildStep(deps), ...toNewRelease],
    configure: toNewRelease,
    rollback: [findReleaseStep(deps), ...switchSteps(deps, null, 'replace'), finishStep(deps)],
    restart: switchSteps(deps, null, 'replace'),
    scale: switchSteps(deps, null, 'adjust'),
    start: [markRunningStep(deps), ...toNewRelease],
    stop: [stopAppStep(deps), waitGoneStep(deps)],
    remove: [stopAppStep(deps), waitGoneStep(deps), removeAppStep(deps)],
  };
}
