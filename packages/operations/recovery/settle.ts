import { randomBytes } from 'node:crypto';
import { anyPortOf, findFreePort, isPortFree, type PortRange } from '@berth/host';
import type { Journal, OperationRow } from '@berth/journal';
import { LOCAL_TARGET } from '@berth/protocol';
import type { Installation, PointAbout } from '@berth/vault';
import { visibleSteps } from '../operation-view.ts';
import type { TargetKey } from '../protection/target-keys.ts';
import { forgetTold } from '../protection/tending.ts';
import { forgetStamps } from '../protection/trees.ts';
import type { KeySealer, OpenTarget } from './deps.ts';
import { operationLost } from './errors.ts';

export type Settlement = {
  readonly installation: Installation;
  readonly targets: readonly OpenTarget[];
  readonly sealer: KeySealer;
  readonly portRange: PortRange;
  readonly now: () => Date;
  /** Apps that must not start, and why: a part of them did not come back. */
  readonly stopped: ReadonlyMap<string, string>;
  /** Builds that did not come back, of releases that do not serve. */
  readonly pruned: readonly { readonly app: string; readonly build: string }[];
  /** Restore points that the targets know of. */
  readonly points: readonly PointAbout[];
  /** The moment that the machine goes back to; null for the newest state. */
  readonly at: Date | null;
  /** What is kept of this recovery. */
  readonly summary: Readonly<Record<string, unknown>>;
};

/**
 * Makes the old machine's journal that of the new one: what ran there has ended, its instances are gone, and everything that
 * should run gets new ones. One transaction; done again it comes to the same.
 */
export async function settleJournal(journal: Journal, settlement: Settlement): Promise<void> {
  const { installation, targets, sealer, now, stopped, pruned, summary, at } = settlement;
  const sealed = await sealTargets(targets, sealer);
  const lost = journal.operations.open();
  const restartsOn = await planInstances(journal, settlement);
  journal.transaction(() => {
    journal.settings.set('installation', installation);
    // The daemon makes the one in its home anew; those that only the kit knows are known from now on.
    journal.targets.remove(LOCAL_TARGET);
    for (const target of at === null ? [LOCAL_TARGET] : [LOCAL_TARGET, ...sealed.map(({ name }) => name)]) {
      // Of another time or place: what was told there, and what trees there are, is looked at anew.
      forgetTold(journal, target);
      forgetStamps(journal, target);
    }
    // One that was moved since the kit was written stays where it is now.
    for (const target of sealed)
      if ((journal.targets.find(target.name)?.url ?? target.url) === target.url) journal.targets.put(target);
    keepPoints(journal, settlement);
    for (const operation of lost) endOperation(journal, operation, now());
    for (const { name } of journal.apps.list()) {
      for (const release of journal.releases.list(name)) settleRelease(journal, release, pruned);
      if (stopped.has(name) && journal.apps.get(name).state === 'running') journal.apps.update(name, { state: 'stopped' });
      journal.bakes.end(name, 'ended', 'the machine was lost');
    }
    for (const { operation } of journal.instances.holds()) journal.instances.disarm(operation);
    for (const { id } of journal.instances.list()) journal.instances.remove(id);
    for (const { app, service, port } of restartsOn.addresses) journal.apps.setAddress(app, service, port);
    for (const instance of restartsOn.instances) journal.instances.add({ ...instance, want: 'serving' });
    journal.settings.set('recovered', { ...summary, at: now().toISOString() });
    journal.events.add({ name: 'audit.platform.recovered', fields: { ...summary } });
    for (const [app, reason] of stopped) journal.events.add({ name: 'app.not-recovered', app, fields: { reason } });
  });
}

/** The keys of all targets, as the daemon wants them at hand; those of targets that are silent now are in the journal. */
export async function targetKeys(journal: Journal, sealer: KeySealer): Promise<ReadonlyMap<string, TargetKey>> {
  const rows = journal.targets.list().map(async ({ name, dataKey, credentials }) => {
    const key = Buffer.from(await sealer.open(`data key of target ${name}`, dataKey), 'base64');
    const opened = credentials && (await sealer.open(`credentials of target ${name}`, credentials));
    return [name, { dataKey: key, ...(opened !== null && { credentials: JSON.parse(opened) }) }] as const;
  });
  return new Map<string, TargetKey>(await Promise.all(rows));
}

/** Sealed as the daemon seals them. */
const sealTargets = (targets: readonly OpenTarget[], sealer: KeySealer) =>
  Promise.all(
    targets.map(async ({ name, access: { url, dataKey, credentials } }) => ({
      name,
      url,
      dataKey: await sealer.seal(Buffer.from(dataKey).toString('base64')),
      credentials: credentials ? await sealer.seal(JSON.stringify(credentials)) : null,
    })),
  );

/** Those that the journal had not written down yet. What came after the moment is unknown here, but its numbers are used. */
function keepPoints(journal: Journal, { points, at }: Settlement): void {
  const later = points.filter((point) => at !== null && point.at > at.getTime()).map(({ number }) => number);
  for (const point of points) journal.points.put({ ...point, at: new Date(point.at).toISOString(), operation: null });
  journal.points.remove(later);
}

/** What it had begun is not here; what it had finished is in the journal. */
function endOperation(journal: Journal, operation: OperationRow, now: Date): void {
  const { id, app, kind, by, release, createdAt, startedAt, memory } = operation;
  const error = operationLost(kind).toJSON();
  const at = now.toISOString();
  const row = journal.apps.find(app);
  const before = (memory.formerApp as { release: number | null } | undefined)?.release ?? null;
  // Killed between its two transactions the new release serves already.
  const served = row?.release ?? null;
  if (row && served !== null && journal.releases.find(app, served)?.state === 'new') {
    journal.releases.setState(app, served, 'good');
    if (before !== served) journal.apps.update(app, { previous: before });
  }
  for (const step of journal.operations.steps(id))
    if (step.state === 'running') journal.operations.updateStep(id, step.position, { state: 'failed', finishedAt: at });
  journal.operations.update(id, { state: 'failed', finishedAt: at, error });
  journal.operations.setReceipt(id, {
    operation: id,
    app,
    kind,
    release,
    previousRelease: before,
    commit: release === null ? null : (journal.releases.find(app, release)?.commit ?? null),
    ok: false,
    changed: false,
    ms: Math.max(0, now.getTime() - Date.parse(startedAt ?? createdAt)),
    steps: visibleSteps(journal.operations.steps(id)),
    requests: { served: 0, held: 0, failed: 0 },
    by,
    at,
    changes: [],
    warnings: [],
    restorePoint: null,
    error,
  });
}

function settleRelease(
  journal: Journal,
  { app, number, build, state }: { app: string; number: number; build: string; state: string },
  pruned: Settlement['pruned'],
): void {
  const { release } = journal.apps.get(app);
  if (number === release) return;
  if (state === 'new') journal.releases.setState(app, number, 'failed');
  if (state === 'good' && pruned.some((it) => it.app === app && it.build === build))
    journal.releases.setState(app, number, 'pruned');
}

type Planned = {
  readonly addresses: { app: string; service: string; port: number }[];
  readonly instances: { id: string; app: string; service: string; release: number; port: number | null }[];
};

/**
 * New instances for all that should run. A service's own port is kept where it is free, since others may know it; in a home
 * elsewhere it may be the port of a platform beside, which just does not run.
 */
async function planInstances(journal: Journal, { portRange, stopped }: Settlement): Promise<Planned> {
  const planned: Planned = { addresses: [], instances: [] };
  const taken = new Set(journal.apps.addresses().map(({ port }) => port));
  let after = anyPortOf(portRange);
  const lease = async () => {
    after = await findFreePort({ range: portRange, taken, after });
    taken.add(after);
    return after;
  };
  for (const { app, service, port } of journal.apps.addresses()) {
    const { release } = journal.apps.find(app) ?? { release: null };
    const manifest = release === null ? null : journal.releases.get(app, release).manifest;
    const listen = manifest?.services.find((it) => it.name === service)?.listen ?? null;
    // What a manifest asks for is not to be replaced: where it is taken, the edge says so.
    const isOurs = port >= portRange.from && port <= portRange.to;
    const isFree = listen === port || (isOurs && (await isPortFree(port)));
    planned.addresses.push({ app, service, port: isFree ? port : await lease() });
  }
  for (const { name, state, release: number, scale } of journal.apps.list()) {
    if (state !== 'running' || number === null || stopped.has(name)) continue;
    for (const service of journal.releases.get(name, number).manifest.services) {
      for (let left = scale[service.name] ?? service.instances; left > 0; left -= 1) {
        const id = `${name}.${service.name}.${number}-${randomBytes(3).toString('hex')}`;
        const port = service.networked ? await lease() : null;
        planned.instances.push({ id, app: name, service: service.name, release: number, port });
      }
    }
  }
  return planned;
}
