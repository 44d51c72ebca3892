/** What a recovery would bring back, and what it did bring back. */
import { formatMoment, type Reader } from '@berth/core';
import type { PlannedApp, Recovered, RecoveredPart, RecoveryPlan } from '@berth/operations';
import type { PlatformStatus } from '@berth/protocol';
import { bytes, duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Look = Pick<Terminal, 'style' | 'width'>;
type From = { readonly kit: { readonly host: string; readonly createdAt: string }; readonly home: string };

export const renderRecoveryPlan = (plan: RecoveryPlan, { kit, home }: From, reader: Reader, look: Look): string[] => {
  const { style } = look;
  const moment = (iso: string) => formatMoment(new Date(iso), reader);
  const targets = plan.targets.map(({ target, url, silent, owner }) => {
    if (silent !== null) return `  ${target}  ${style.red('does not answer')}: ${silent}`;
    const seen = owner === null ? 'nobody has it' : `${owner.host} was there ${moment(owner.seenAt)}`;
    return `  ${target}  ${url}  ${owner?.isAlive ? style.yellow(`${seen}: still alive?`) : style.dim(seen)}`;
  });
  const rows = plan.apps.flatMap((app) => appRows(app, reader));
  const warnings = plan.apps.flatMap((app) => warningsOf(app));
  return [
    `${style.bold(`from the kit of ${kit.host}`)}, written ${moment(kit.createdAt)}, to ${home}`,
    ...targets,
    '',
    `the platform as of ${moment(plan.platform.at)}, from ${plan.platform.target}`,
    ...(rows.length === 0
      ? ['it had no apps']
      : ['', ...renderTable({ head: ['APP', 'WHAT', 'AS OF', 'FROM', 'TO READ'], rows, right: [4] }, look)]),
    ...warnings.map((line) => `${style.yellow('Warning:')} ${line}`),
    style.dim('as of: the last change that is there; what nobody wrote to since is not older than it was'),
    '',
    `to read: ${bytes(plan.bytes)} and the builds; it takes about ${style.bold(duration(plan.estimate.ms))}`,
    style.dim(`  (${plan.estimate.how})`),
  ];
};

const appRows = ({ app, state, release, commit, build, stores }: PlannedApp, reader: Reader): string[][] => {
  if (release === null) return [[app, 'never deployed', '', '', '']];
  const what = `release ${release}${commit === null ? '' : ` (${commit.slice(0, 12)})`}${state === 'stopped' ? ', stopped' : ''}`;
  return [
    [app, what, '', build ?? 'nowhere', ''],
    ...stores.map(({ store, kind, at, target, bytes: size }) => [
      '',
      `${store} (${kind})`,
      at === null ? '-' : formatMoment(new Date(at), reader),
      target ?? 'nowhere',
      size === null ? '' : bytes(size),
    ]),
  ];
};

const warningsOf = ({ app, release, build, commit, stores, unprotected }: PlannedApp): string[] => [
  ...(release !== null && build === null
    ? [
        `the build of ${app} is at no target that answers: deploy ${commit === null ? 'its source' : `commit ${commit.slice(0, 12)}`} again`,
      ]
    : []),
  ...stores.flatMap(({ store, target, silent }) => [
    ...(target === null ? [`no target that answers has any of ${app}/${store}`] : []),
    ...silent.map((it) => `${it.target} cannot be asked for ${app}/${store}: ${it.reason}`),
  ]),
  ...unprotected.map((store) => `${app}/${store} was never protected: it begins empty`),
];

/** All in milliseconds. */
export type Times = {
  readonly toolsMs: number;
  readonly tools: readonly string[];
  readonly fetchMs: number;
  readonly startMs: number;
};

type Result = { readonly status: PlatformStatus; readonly times: Times };

export const renderRecovered = (recovered: Recovered, { status, times }: Result, reader: Reader, look: Look): string[] => {
  const { style } = look;
  const lines = recovered.apps.flatMap(({ app, release, state, stoppedBecause, unprotected }) => {
    const now = status.apps.find((it) => it.app === app);
    const isWell = stoppedBecause === null && (state !== 'running' || now?.state === 'running');
    const mark = isWell ? style.green('✓') : style.red('✗');
    const url = now?.url && now.state === 'running' ? `  ${style.cyan(now.url)}` : '';
    const what = release === null ? 'never deployed' : `release ${release}, ${now?.state ?? state}`;
    return [
      `${mark} ${style.bold(app)}  ${what}${url}`,
      ...(stoppedBecause === null ? [] : [`    ${style.red('not started:')} ${stoppedBecause}`]),
      ...(isWell || stoppedBecause !== null
        ? []
        : [`    all of it is back, but it does not answer as it should: ${style.hint(`berth logs ${app}`)}`]),
      ...recovered.parts
        .filter((part) => part.app === app && part.what === 'store')
        .map((part) => `    ${renderStore(part, reader)}`),
      ...unprotected.map((store) => `    ${store}: was never protected, begins empty`),
    ];
  });
  const lost = recovered.parts.filter(({ outcome, app }) => outcome === 'lost' && app === null);
  const silent = recovered.silent.map(
    ({ target }) =>
      `${target} was not there. When it is back: berth target remove ${target}, then berth target add … --take-over`,
  );
  const packages = times.tools.length === 0 ? 'nothing to install' : `${times.tools.join(', ')}: ${duration(times.toolsMs)}`;
  return [
    ...lines,
    ...lost.map(({ name, note }) => `${style.red('✗')} ${name}: ${note}`),
    ...silent.map((line) => `${style.yellow('Warning:')} ${style.hint(line)}`),
    '',
    `recovered in ${style.bold(duration(times.fetchMs + times.startMs))}: downloaded and verified ${duration(times.fetchMs)}, ` +
      `started ${duration(times.startMs)}; system packages apart (${packages})`,
    ...next(recovered).map((line) => style.dim(style.hint(line))),
  ];
};

const renderStore = ({ name, outcome, at, target, bytes: size, note }: RecoveredPart, reader: Reader): string =>
  outcome === 'recovered' && at !== null
    ? `${name}: ${bytes(size ?? 0)} as of ${formatMoment(new Date(at), reader)}, from ${target}; ${note}`
    : `${name}: ${note}`;

const next = ({ apps }: Recovered): string[] => {
  const stopped = apps.filter(({ stoppedBecause }) => stoppedBecause !== null);
  return [
    ...stopped.map(
      ({ app }) =>
        `  what is missing of ${app} may still come back: berth restore-points ${app}, berth restore ${app}; then berth start ${app}`,
    ),
    '  the kit is still good; let names and addresses lead to this machine, and look with berth ps',
  ];
};
