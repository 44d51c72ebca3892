/** How the data of apps is protected: the last part of `berth ps`. */
import type { AppStatus, StoreStatus } from '@berth/protocol';
import { paintOutcome } from './drill.ts';
import { bytes, duration } from './quantities.ts';
import { renderTable } from './table.ts';
import type { Terminal } from './terminal.ts';

type Sheet = Pick<Terminal, 'style' | 'width'>;
type OfApp = { readonly app: string; readonly store: StoreStatus };

export const renderStores = (apps: readonly AppStatus[], sheet: Sheet, now: number): string[] => {
  const all = apps.flatMap(({ app, stores }) => stores.map((store): OfApp => ({ app, store })));
  if (all.length === 0) return [];
  const rows = all.map(({ app, store }) => [
    app,
    store.store,
    store.kind,
    store.bytes === null ? '-' : bytes(store.bytes),
    paintState(store.state, sheet),
    store.lossMs === null ? sheet.style.red('everything') : duration(store.lossMs),
    ...drillCells(store, sheet, now),
  ]);
  const head = ['APP', 'STORE', 'KIND', 'SIZE', 'STATE', 'WOULD LOSE', 'LAST DRILL', 'BACK AFTER'];
  const warnings = renderWarnings(all, sheet);
  return [...renderTable({ head, rows, right: [3, 5, 7] }, sheet), ...(warnings.length > 0 ? ['', ...warnings] : [])];
};

const drillCells = ({ drill }: StoreStatus, sheet: Sheet, now: number): string[] =>
  drill === null
    ? ['never', '-']
    : [
        `${paintOutcome(drill.outcome, sheet)} ${duration(Math.max(0, now - Date.parse(drill.at)))} ago`,
        duration(drill.recoveryMs),
      ];

/** One line per cause, however many stores it is about. */
const renderWarnings = (all: readonly OfApp[], { style }: Sheet): string[] => {
  const about = new Map<string, string[]>();
  const add = (cause: string, name: string) => about.set(cause, [...(about.get(cause) ?? []), name]);
  for (const { app, store } of all) {
    const name = `${app}/${store.store}`;
    if (store.state === 'protected') continue;
    if (store.reason !== null) add(`${store.state}, ${store.reason}`, name);
    for (const { target, lagMs, reason } of store.targets)
      if (reason !== null && reason !== store.reason)
        add(`${target} is ${lagMs === null ? 'not complete yet' : `${duration(lagMs)} behind`}, ${reason}`, name);
  }
  const unprotected = all.some(({ store }) => store.state === 'unprotected');
  return [
    ...[...about].map(([cause, names]) => `${style.yellow('Warning:')} ${names.join(', ')}: ${cause}`),
    ...(unprotected ? [`${style.cyan('Try:')} ${style.hint('berth target add dir:/path or s3://bucket/prefix')}`] : []),
  ];
};

const paintState = (state: StoreStatus['state'], { style }: Sheet): string => {
  if (state === 'protected') return style.green(state);
  return state === 'starting' ? style.yellow(state) : style.red(state);
};
