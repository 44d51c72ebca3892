/** What is protected and what is not, for people. */
import type { AuditReport, Awaiting, CheckReport, HardenReport, HardenResult } from '@berth/harden';
import type { Style } from './style.ts';

type View = { readonly style: Style; readonly width: number };

/** Per check a mark, its title, and one line of evidence. */
export const renderAudit = (report: AuditReport, view: View): string[] => [
  ...report.checks.flatMap((check) => [...heading(check, view), ...whatToDo(check, view)]),
  '',
  sum(report.checks, view),
  ...waiting(report.awaiting, view),
];

/** What is wrong, and what would be done about it. */
export const renderPlan = (report: HardenReport, view: View): string[] => {
  const open = report.checks.filter(
    ({ steps, error, finding }) => steps.length > 0 || error !== null || finding.state === 'wrong',
  );
  if (open.length === 0) return [...report.checks.flatMap((check) => heading(check, view)), '', sum(report.checks, view)];
  return [
    ...report.checks.flatMap((check) => [
      ...heading(check, view),
      ...check.steps.map((step) => `    ${view.style.dim('would')} ${step}`),
      ...failure(check, view),
      ...(check.steps.length === 0 && check.error === null ? whatToDo(check, view) : []),
    ]),
    '',
    sum(report.checks, view),
  ];
};

/** What is right now, and what was done for it. */
export const renderHardened = (report: HardenReport, view: View): string[] => [
  ...report.checks.flatMap((check) => [
    ...heading(check, view),
    ...(check.steps.length === 0 ? [] : [`    ${view.style.dim(`put right, in ${counted(check.steps.length, 'step')}`)}`]),
    ...failure(check, view),
    ...(check.error === null ? whatToDo(check, view) : []),
  ]),
  '',
  sum(report.checks, view),
  ...(report.checks.some(({ changed }) => changed)
    ? [view.style.dim(view.style.hint('to take it back: berth harden undo [ID]'))]
    : []),
  ...waiting(report.awaiting, view),
];

const heading = ({ id, title, finding }: CheckReport, { style }: View): string[] => [
  `${mark(finding.state, style)} ${style.bold(id.padEnd(ID_WIDTH))} ${title}`,
  `    ${finding.state === 'wrong' ? style.red(finding.summary) : style.dim(finding.summary)}`,
];

/** As wide as the longest id. */
const ID_WIDTH = 10;

const mark = (state: CheckReport['finding']['state'], style: Style): string => {
  switch (state) {
    case 'ok':
      return style.green('✓');
    case 'wrong':
      return style.red('✗');
    case 'unknown':
      return style.yellow('?');
    case 'not-applicable':
      return style.dim('–');
  }
};

const whatToDo = ({ id, finding, fix }: CheckReport, { style }: View): string[] => {
  if (finding.state !== 'wrong') return [];
  if (finding.manual !== null) return [`    ${style.cyan('To do:')} ${finding.manual}`];
  return [`    ${style.cyan('Fix:')} ${fix} (${style.hint(`berth harden --only ${id}`)})`];
};

const failure = ({ error }: HardenResult, { style }: View): string[] =>
  error === null ? [] : [`    ${style.red('Error:')} ${error.message}`, `    ${style.cyan('Try:')} ${style.hint(error.hint)}`];

const sum = (checks: readonly CheckReport[], { style }: View): string => {
  const of = (state: string): number => checks.filter(({ finding }) => finding.state === state).length;
  const parts = [
    `${of('ok')} of ${checks.length - of('not-applicable')} checks are right`,
    ...(of('wrong') > 0 ? [style.red(`${of('wrong')} wrong`)] : []),
    ...(of('unknown') > 0 ? [style.yellow(`${of('unknown')} unknown`)] : []),
    ...(of('not-applicable') > 0 ? [`${of('not-applicable')} not applicable here`] : []),
  ];
  return parts.join(', ');
};

const waiting = (awaiting: readonly Awaiting[], { style }: View): string[] => {
  if (awaiting.length === 0) return [];
  const names = awaiting.map(({ check }) => check).join(' and ');
  const until = awaiting.map(({ until: moment }) => moment).toSorted()[0] ?? '';
  // The timer does not outlive a restart of the machine.
  const isOver = Date.parse(until) + TIMER_LATE_MS < Date.now();
  return isOver
    ? [
        '',
        `${style.yellow('Not confirmed:')} ${names}; the machine was restarted before the change could be taken back.`,
        `${style.cyan('Now:')} ${style.hint(`berth harden confirm keeps it, berth harden undo ${names.replace(' and ', ' ')} takes it back`)}`,
      ]
    : [
        '',
        `${style.yellow('Not kept yet:')} ${names} will be taken back at ${until.slice(11, 19)} UTC.`,
        `${style.cyan('Now:')} log in again, in a second terminal, and run there: berth harden confirm`,
      ];
};

/** Taking back takes its time too. */
const TIMER_LATE_MS = 30_000;

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
