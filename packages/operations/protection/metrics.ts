import { type AppStatus, storeStates, type TargetStatus } from '@berth/protocol';
import type { Family } from '../metrics.ts';

/** How the data of all apps stands; lags and durations in seconds. */
export function protectionFamilies(apps: readonly AppStatus[], targets: readonly TargetStatus[]): Family[] {
  const stores = apps.flatMap(({ app, stores: own }) => own.map((it) => ({ ...it, labels: { app, store: it.store } })));
  const known = <Value>(value: Value | null, make: (value: Value) => number, labels: Record<string, string>) =>
    value === null ? [] : [{ labels, value: make(value) }];
  return [
    [
      'berth_store_state',
      'gauge',
      'How a store stands, 1 for the state that holds',
      stores.flatMap(({ labels, state }) =>
        storeStates.map((it) => ({ labels: { ...labels, state: it }, value: it === state ? 1 : 0 })),
      ),
    ],
    [
      'berth_store_bytes',
      'gauge',
      'Size of a store on the disk',
      stores.flatMap(({ bytes, labels }) => known(bytes, (it) => it, labels)),
    ],
    [
      'berth_store_lag_seconds',
      'gauge',
      'Age of the oldest change of a store that is not at the target yet',
      stores.flatMap(({ labels, targets: at }) =>
        at.flatMap(({ target, lagMs }) => known(lagMs, (ms) => ms / 1_000, { ...labels, target })),
      ),
    ],
    [
      'berth_store_loss_seconds',
      'gauge',
      'What would be lost of a store with the machine now; absent where nothing of it is kept elsewhere',
      stores.flatMap(({ lossMs, labels }) => known(lossMs, (ms) => ms / 1_000, labels)),
    ],
    [
      'berth_drill_last_timestamp_seconds',
      'gauge',
      'When a restore of the store was last rehearsed',
      stores.flatMap(({ drill, labels }) => known(drill, ({ at }) => Date.parse(at) / 1_000, labels)),
    ],
    [
      'berth_drill_last_passed',
      'gauge',
      'Whether what came back then was usable',
      stores.flatMap(({ drill, labels }) => known(drill, ({ outcome }) => (outcome === 'passed' ? 1 : 0), labels)),
    ],
    [
      'berth_drill_recovery_seconds',
      'gauge',
      'How long it took then',
      stores.flatMap(({ drill, labels }) => known(drill, ({ recoveryMs }) => recoveryMs / 1_000, labels)),
    ],
    [
      'berth_drill_loss_seconds',
      'gauge',
      'What would have been lost with the machine then',
      stores.flatMap(({ drill, labels }) => known(drill?.lossMs ?? null, (ms) => ms / 1_000, labels)),
    ],
    [
      'berth_target_up',
      'gauge',
      'Whether backups reach the target',
      targets.map(({ name, state }) => ({ labels: { target: name }, value: state === 'failing' || state === 'fenced' ? 0 : 1 })),
    ],
    [
      'berth_target_sent_bytes_total',
      'counter',
      'Bytes sent to a target',
      targets.map(({ name, sentBytes }) => ({ labels: { target: name }, value: sentBytes })),
    ],
    [
      'berth_target_requests_total',
      'counter',
      'Requests made of a target',
      targets.map(({ name, requests }) => ({ labels: { target: name }, value: requests })),
    ],
  ];
}
