import { randomBytes } from 'node:crypto';
import type { Manifest } from '@berth/core';
import type { StepContext, StepDefinition } from '../engine.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { planTransition, type ServiceTransition, type Transition, type TransitionRequest } from '../transition.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, type Memory, memoryOf } from './memory.ts';
import { currentRelease } from './prepare.ts';

/**
 * From the old instances to the new ones, in steps that can each be killed and done again:
 *
 *   start      new instances of rolling services, beside the old ones, without requests
 *   hold       requests of handover services wait from here
 *   stop-old   the one owner finishes what it has and exits
 *   …          what must be done while nothing of the app runs
 *   start-new  the new owner starts
 *   switch     the new ones serve; from here on the operation is only finished
 *   drain      the old instances answer what they still have, and go
 */
export const switchSteps = (deps: StepDeps, whileHeld: readonly StepDefinition[], how: How): StepDefinition[] => [
  startStep(deps, how),
  holdStep(deps),
  stopOldStep(deps),
  ...whileHeld,
  startNewStep(deps),
  switchStep(deps),
  drainStep(deps),
];

type How = TransitionRequest['how'];

/** What the operation wants to run: its target release, the release that serves, or nothing. */
function wantedManifest(deps: StepDeps, context: StepContext): { manifest: Manifest; release: number } | null {
  const { target } = memoryOf(context);
  const release = target === undefined ? currentRelease(deps, context.app) : deps.journal.releases.get(context.app, target);
  return release ? { manifest: release.manifest, release: release.number } : null;
}

function startStep(deps: StepDeps, how: How): StepDefinition {
  const { supervisor, journal } = deps;
  return {
    name: 'start',
    async run(context) {
      if (memoryOf(context).unchanged) return NOT_NEEDED;
      if (!memoryOf(context).plan) planHere(deps, context, how);
      const { plan = [] } = memoryOf(context);
      await addInstances(
        deps,
        context,
        'started',
        plan.filter((it) => it.switch === 'rolling'),
      );
      const { started = [] } = memoryOf(context);
      if (started.length === 0) return NOT_NEEDED;
      await supervisor.healthy(started, context.signal);
      return `${count(started.length, 'instance')} healthy`;
    },
    async undo(context) {
      const { started = [] } = memoryOf(context);
      await dismiss(deps, [...started, ...strays(journal, context)], context);
    },
  };
}

function planHere({ journal, ...deps }: StepDeps, context: StepContext, how: How): void {
  const { service, services, into } = inputOf(context);
  const app = journal.apps.get(context.app);
  // Data that is exchanged under nobody: an app that is stopped stays so, and one whose data goes elsewhere runs on.
  if (journal.operations.get(context.id).kind === 'restore' && (into !== undefined || app.state === 'stopped'))
    return context.remember({ plan: [] });
  const isDataExchanged = (memoryOf(context).wanted ?? []).length > 0;
  const current = journal.instances.list({ app: context.app }).filter((row) => row.want === 'serving');
  const manifest = wantedManifest({ journal, ...deps }, context)?.manifest ?? null;
  const plan = planTransition({
    manifest,
    scale: { ...app.scale, ...services },
    current,
    how: isDataExchanged ? 'together' : how,
    only: service ?? null,
  });
  context.remember({ plan });
}

/** Leases, rows and memory together: a daemon killed here finds either all of an instance or none of it. */
async function addInstances(deps: StepDeps, context: StepContext, key: 'started' | 'takenOver', plan: Transition): Promise<void> {
  const { journal, ports } = deps;
  const wanted = wantedManifest(deps, context);
  if (!wanted) return;
  for (const { service, add } of plan) {
    const isNetworked = wanted.manifest.services.find((it) => it.name === service)?.networked === true;
    const prefix = `${context.app}.${service}.${wanted.release}-`;
    const present = () => memoryOf(context)[key]?.filter((id) => id.startsWith(prefix)).length ?? 0;
    while (present() < add) {
      const id = `${prefix}${randomBytes(3).toString('hex')}`;
      const keep = (port: number | null) =>
        journal.transaction(() => {
          journal.instances.add({ id, app: context.app, service, release: wanted.release, port, want: 'standby' });
          context.remember({ [key]: [...(memoryOf(context)[key] ?? []), id] });
        });
      if (isNetworked) await ports.lease(keep);
      else keep(null);
    }
  }
}

const strays = (journal: StepDeps['journal'], { app }: StepContext) =>
  journal.instances
    .list({ app })
    .filter((row) => row.want === 'standby')
    .map((row) => row.id);

async function dismiss({ journal, supervisor }: StepDeps, ids: readonly string[], context: StepContext): Promise<void> {
  for (const id of ids) journal.instances.update(id, { want: 'leaving' });
  await supervisor.gone(ids, context.signal);
}

export const handovers = (context: StepContext): readonly ServiceTransition[] =>
  (memoryOf(context).plan ?? []).filter((it) => it.switch === 'handover');

/** Long enough for the idle clients of a worker that a reload has just retired. */
const SETTLE_MS = 10_000;

function holdStep({ journal, sync, edge }: StepDeps): StepDefinition {
  return {
    name: 'hold',
    async run(context) {
      const services = handovers(context);
      if (services.length === 0) return NOT_NEEDED;
      // What a worker holds that cannot be steered any more would wait in vain: first the old ones go, and no new one comes.
      sync.reserve(context.id);
      await edge.settled({ withinMs: SETTLE_MS, signal: context.signal });
      journal.transaction(() => {
        for (const { service } of services) journal.instances.arm(context.app, service, context.id);
      });
      await sync.now();
      return services.map(({ service }) => service).join(', ');
    },
    async undo(context) {
      journal.instances.disarm(context.id);
      sync.release(context.id);
      await sync.now();
    },
  };
}

function stopOldStep({ journal, supervisor }: StepDeps): StepDefinition {
  const olds = (context: StepContext) => handovers(context).flatMap((it) => it.remove);
  return {
    name: 'stop-old',
    async run(context) {
      const ids = olds(context);
      if (ids.length === 0) return NOT_NEEDED;
      journal.transaction(() => {
        for (const id of ids) journal.instances.update(id, { want: 'parked' });
      });
      await supervisor.stopped(ids, context.signal);
      return undefined;
    },
    async undo(context) {
      const ids = olds(context);
      journal.transaction(() => {
        for (const id of ids) journal.instances.update(id, { want: 'serving', stopping: false, deaths: [] });
      });
      // Requests are held until the old owner answers again.
      await supervisor.healthy(ids, context.signal);
    },
  };
}

function startNewStep(deps: StepDeps): StepDefinition {
  return {
    name: 'start-new',
    async run(context) {
      const plan = handovers(context);
      if (plan.length === 0) return NOT_NEEDED;
      await addInstances(deps, context, 'takenOver', plan);
      const { takenOver = [] } = memoryOf(context);
      await deps.supervisor.healthy(takenOver, context.signal);
      return undefined;
    },
    // The new owner must be gone before the old one may start again.
    undo: (context) => dismiss(deps, memoryOf(context).takenOver ?? [], context),
  };
}

/**
 * Two transactions. With the first the new instances serve beside the old ones, in the routes of the new release: if the
 * edge refuses that, nothing has been taken away and all is undone. With the second the old ones leave.
 */
function switchStep({ journal, sync }: StepDeps): StepDefinition {
  return {
    name: 'switch',
    async run(context) {
      const { unchanged, committed, plan = [], target } = memoryOf(context);
      if (unchanged || (plan.length === 0 && target === undefined && inputOf(context).services === undefined)) return NOT_NEEDED;
      if (!committed) {
        bringIn(journal, context);
        // A handover's own new routes wait for their reload until nobody is held any more.
        await (handovers(context).length > 0 ? sync.now() : sync.complete(context.signal));
        context.remember({ committed: true });
      }
      journal.transaction(() => {
        for (const id of plan.flatMap((it) => it.remove)) journal.instances.update(id, { want: 'leaving' });
        settle(journal, context);
      });
      // First the new owner is in the edge, then nobody waits any more.
      // Told to the worker that holds them, before a reload retires it.
      journal.instances.disarm(context.id);
      await sync.now();
      sync.release(context.id);
      await sync.complete(context.signal);
      return undefined;
    },
    async undo(context) {
      const { formerApp } = memoryOf(context);
      if (formerApp) journal.apps.update(context.app, formerApp);
    },
  };
}

function bringIn(journal: StepDeps['journal'], context: StepContext): void {
  const { target, started = [], takenOver = [] } = memoryOf(context);
  const { app } = context;
  journal.transaction(() => {
    const { state, release, previous, scale } = journal.apps.get(app);
    if (!memoryOf(context).formerApp) context.remember({ formerApp: { state, release, previous, scale } });
    for (const id of [...started, ...takenOver]) journal.instances.update(id, { want: 'serving' });
    const { services } = inputOf(context);
    if (services) journal.apps.update(app, { scale: { ...scale, ...services } });
    if (target !== undefined) journal.apps.update(app, { state: 'running', release: target });
  });
}

/** What only holds once the new release serves. */
function settle(journal: StepDeps['journal'], { app, id, ...context }: StepContext): void {
  const { target, formerApp } = context.memory as Memory;
  if (target === undefined) return;
  const isBack = journal.operations.get(id).kind === 'rollback';
  const older = journal.releases.list(app).find((release) => release.number < target && release.state === 'good');
  const before = formerApp?.release ?? null;
  const previous = isBack ? (older?.number ?? null) : before === target ? (formerApp?.previous ?? null) : before;
  journal.apps.update(app, { previous });
  journal.releases.setState(app, target, 'good');
  if (before !== target) journal.bakes.end(app, 'ended', `operation ${id} followed`);
}

function drainStep({ journal, supervisor }: StepDeps): StepDefinition {
  return {
    name: 'drain',
    async run(context) {
      const leaving = (memoryOf(context).plan ?? []).flatMap((it) => it.remove);
      if (leaving.length === 0) return NOT_NEEDED;
      await supervisor.drained(leaving, context.signal);
      const isStillThere = leaving.filter((id) => journal.instances.find(id)).length;
      return isStillThere > 0 ? `${count(isStillThere, 'old instance')} on the way out` : undefined;
    },
  };
}

const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? '' : 's'}`;
