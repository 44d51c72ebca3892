export { type Coverage, coverage } from './coverage.ts';
export { type Examination, examine } from './examine.ts';
export { examineApart } from './examine-apart.ts';
export type { Area } from './finding.ts';
export { rules } from './rules.ts';
