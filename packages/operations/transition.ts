import type { Manifest, Service, SwitchKind } from '@berth/core';

/** An instance as this plan needs to know it. */
export type Current = { readonly id: string; readonly service: string };

export type ServiceTransition = {
  readonly service: string;
  readonly switch: SwitchKind;
  /** How many instances to add. */
  readonly add: number;
  /** Instances that go. */
  readonly remove: readonly string[];
};

export type Transition = readonly ServiceTransition[];

export type TransitionRequest = {
  /** What should run: the release's manifest, or null for nothing at all. */
  readonly manifest: Manifest | null;
  readonly scale: Readonly<Record<string, number>>;
  /** Instances that serve now. */
  readonly current: readonly Current[];
  /**
   * `replace`: every instance by a new one. `together`: the same, and between the last old one and the first new one nothing
   * runs. `adjust`: only the number changes.
   */
  readonly how: 'replace' | 'together' | 'adjust';
  /** Only this service; all when null. */
  readonly only: string | null;
};

/**
 * What has to come and go so that the wanted services run, in the order in which services start. A service that may only
 * run once keeps `switch: handover` only when there is an instance to take over from; `together` hands over whatever there is.
 */
export function planTransition(request: TransitionRequest): Transition {
  const wanted = request.manifest?.services ?? [];
  const names = new Set(wanted.map((service) => service.name));
  const obsolete = [...new Set(request.current.map((it) => it.service))].filter((name) => !names.has(name));
  const isAsked = (name: string) => request.only === null || request.only === name;
  const kept = wanted.filter((service) => isAsked(service.name)).map((service) => forService(service, request));
  const gone = obsolete.filter(isAsked).map((service) => ({
    service,
    switch: request.how === 'together' ? ('handover' as const) : ('rolling' as const),
    add: 0,
    remove: ids(service, request),
  }));
  return [...kept, ...gone].filter((change) => change.add > 0 || change.remove.length > 0);
}

function forService(service: Service, request: TransitionRequest): ServiceTransition {
  const present = ids(service.name, request);
  const count = request.scale[service.name] ?? service.instances;
  const isTogether = request.how === 'together';
  const isReplacing = isTogether || request.how === 'replace';
  const add = isReplacing ? count : Math.max(0, count - present.length);
  const remove = isReplacing ? present : present.slice(count);
  const takesOver = service.switch === 'handover' && add > 0 && remove.length > 0;
  return { service: service.name, switch: takesOver || isTogether ? 'handover' : 'rolling', add, remove };
}

const ids = (service: string, { current }: TransitionRequest) =>
  current.filter((it) => it.service === service).map((it) => it.id);
