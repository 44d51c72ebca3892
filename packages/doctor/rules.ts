/** All rules, in the order in which their findings are told: what explains other findings comes first. */
import type { Rule } from './finding.ts';
import { appRunRules } from './rules/app-run.ts';
import { appStartRules } from './rules/app-start.ts';
import { backupRules } from './rules/backup.ts';
import { dataFileRules } from './rules/data-files.ts';
import { dataLockRules } from './rules/data-locks.ts';
import { edgeRules } from './rules/edge.ts';
import { machineRules } from './rules/machine.ts';
import { nameRules } from './rules/names.ts';
import { numberRules } from './rules/numbers.ts';
import { platformRules } from './rules/platform.ts';
import { requestRules } from './rules/requests.ts';
import { unitRules } from './rules/units.ts';
import { webSocketRules } from './rules/web-sockets.ts';

export const rules: readonly Rule[] = [
  ...platformRules,
  ...edgeRules,
  ...machineRules,
  ...nameRules,
  ...appStartRules,
  ...appRunRules,
  ...unitRules,
  ...dataFileRules,
  ...dataLockRules,
  ...requestRules,
  ...webSocketRules,
  ...numberRules,
  ...backupRules,
];
