/** What the doctor found, for people. */
import type { Finding } from '@berth/protocol';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style'>;

/** One finding: what it is, what was seen, why, and what to type. */
export const renderFinding = (finding: Finding, { style }: Sheet): string[] => {
  const mark = finding.severity === 'problem' ? style.red('✗') : style.yellow('!');
  const where = finding.app === null ? '' : `${finding.app}: `;
  return [
    `${mark} ${style.bold(`${where}${finding.symptom}`)} ${style.dim(`(${finding.rule})`)}`,
    ...finding.evidence.map((line) => `    seen:  ${line}`),
    `    cause: ${finding.cause}`,
    `    ${style.cyan('fix:')}   ${style.hint(finding.fix)}`,
    ...(finding.repair === null ? [] : [style.dim(`    ${style.hint('berth doctor --fix')} would ${finding.repair}`)]),
  ];
};

export const renderFindings = (findings: readonly Finding[], sheet: Sheet): string[] =>
  findings.flatMap((finding, index) => [...(index === 0 ? [] : ['']), ...renderFinding(finding, sheet)]);

type Looked = {
  readonly findings: readonly Finding[];
  readonly looked: number;
  readonly exposures: readonly { readonly unit: string; readonly exposure: number }[];
  readonly blind: readonly { readonly rule: string; readonly reason: string }[];
};

/** "56 rules looked, 2 findings"; and who could not look. */
export const renderSummary = ({ findings, looked, blind, exposures }: Looked, { style }: Sheet): string[] => {
  const count = `${findings.length} finding${findings.length === 1 ? '' : 's'}`;
  return [
    ...blind.map(({ rule, reason }) => style.yellow(`could not look: ${rule}: ${reason}`)),
    ...exposures.map(({ unit, exposure }) => style.dim(`systemd-analyze security ${unit}: ${exposure.toFixed(1)}`)),
    `${looked} rules looked, ${findings.length === 0 ? style.green(count) : style.bold(count)}`,
  ];
};
