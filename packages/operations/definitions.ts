import type { OperationKind } from '@berth/protocol';
import type { StepDefinition } from './engine.ts';
import { markRunningStep, removeAppStep, stopAppStep, waitGoneStep } from './steps/app-state.ts';
import { backupSteps } from './steps/backup.ts';
import { chooseStep, exchangeStep, fetchStep, secureStep } from './steps/bring-back.ts';
import { buildStep } from './steps/build.ts';
import { checkStep } from './steps/check.ts';
import type { StepDeps } from './steps/deps.ts';
import { drillStep } from './steps/drill.ts';
import { finishStep, settleStep } from './steps/finish.ts';
import { guardDataStep } from './steps/guard-data.ts';
import { findReleaseStep, prepareReleaseStep } from './steps/prepare.ts';
import { releaseCommandStep } from './steps/release-command.ts';
import { restorePointStep } from './steps/restore-point.ts';
import { switchSteps } from './steps/switch.ts';

/** What each operation does, step by step. */
export function defineOperations(deps: StepDeps): Record<OperationKind, readonly StepDefinition[]> {
  const whileHeld = [restorePointStep(deps, 'held'), guardDataStep(deps), releaseCommandStep(deps, 'held')];
  const toNewRelease = [
    prepareReleaseStep(deps),
    restorePointStep(deps, 'before'),
    releaseCommandStep(deps, 'before'),
    ...switchSteps(deps, whileHeld, 'replace'),
    finishStep(deps),
  ];
  const bringBack = [chooseStep(deps), fetchStep(deps), restorePointStep(deps, 'before')];
  const exchangeData = [restorePointStep(deps, 'held'), secureStep(deps), exchangeStep(deps)];
  return {
    deploy: [checkStep(deps), buildStep(deps), ...toNewRelease],
    configure: toNewRelease,
    rollback: [findReleaseStep(deps), ...bringBack, ...switchSteps(deps, exchangeData, 'replace'), finishStep(deps)],
    restart: switchSteps(deps, [], 'replace'),
    scale: switchSteps(deps, [], 'adjust'),
    start: [markRunningStep(deps), ...toNewRelease],
    stop: [stopAppStep(deps), waitGoneStep(deps)],
    remove: [stopAppStep(deps), waitGoneStep(deps), removeAppStep(deps)],
    backup: backupSteps(deps),
    restore: [...bringBack, ...switchSteps(deps, exchangeData, 'replace'), settleStep(deps)],
    drill: [drillStep(deps)],
  };
}
