/** Retention of many objects, held against a way that looks at everything for everything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '@berth/testing';
import type { Catalogue, Holding, LineageHoldings } from './catalogue.ts';
import { A, B, DAY, type Dated, NOW, policy, randomHistory, worldOf } from './fake-history.ts';
import { newestLineage, restorableRanges, type RestoreStep, type RestoreSteps, type TxidRange } from './restore-plan.ts';
import { planRetention, retentionBucket, type RetentionPlan, type RetentionPlanParts } from './retention-plan.ts';

test('what goes is the same as by looking at everything, also among several lineages', () => {
  const random = createRandom(77);
  for (let round = 0; round < 60; round += 1) {
    const left: Dated[] = randomHistory(random);
    const other = randomHistory(random).map((each): Dated => ({ ...each, lineage: B }));
    const parent = random.boolean() ? { parent: { lineage: A, txid: random.integer(0, 40) } } : {};
    // Sometimes the younger one has no snapshot of its own to begin with.
    const younger = random.boolean() ? other : other.filter(({ text }) => text !== 's0');
    const { catalogue, lastAt } = worldOf(
      [...left, ...younger],
      [
        { id: A, createdAt: 0 },
        { id: B, createdAt: random.pick([1, NOW - DAY]), ...parent },
      ],
    );
    const parts = { now: NOW - random.integer(0, 3) * DAY, policy, lastAt };
    const [fast, plain] = [planRetention(catalogue, parts), plainRetention(catalogue, parts)];
    assert.deepEqual(fast.delete, plain.delete, `round ${round}`);
    assert.deepEqual(fast.keep.toSorted(), plain.keep.toSorted());
    assert.deepEqual([fast.standIns, fast.emptied], [plain.standIns, plain.emptied]);
  }
});

test('of a hundred thousand logs it is told in less than half a second of work', () => {
  const many: Dated[] = [{ text: 's0', at: NOW - 40 * DAY }];
  for (let txid = 1; txid <= 100_000; txid += 1) {
    const at = NOW - 40 * DAY * (1 - txid / 100_000);
    many.push({ text: `l${txid}`, at });
    if (txid % 100 === 0) many.push({ text: `m3:${txid - 99}-${txid}`, at });
    if (txid % 2500 === 0) many.push({ text: `s${txid}`, at });
  }
  const { catalogue, lastAt } = worldOf(many);
  const before = process.cpuUsage();
  const { delete: gone } = planRetention(catalogue, { now: NOW, policy, lastAt });
  const { user, system } = process.cpuUsage(before);
  assert.ok(gone.length > 50_000);
  assert.ok((user + system) / 1000 < 500, `${(user + system) / 1000} ms`);
});

type Parts = RetentionPlanParts;

const plainRetention = (catalogue: Catalogue, { now, policy, lastAt }: Parts): RetentionPlan => {
  const all = catalogue.lineages.flatMap(({ snapshots, segments }) => [...snapshots, ...segments]);
  const current = newestLineage(catalogue);
  // Without one complete chain nothing is known to be superfluous.
  if (current === undefined) return { delete: [], keep: all.map(({ name }) => name), standIns: [], emptied: [] };
  const needed = new Set<string>();
  const need = (lineage: string, txid: number): void => {
    const plan = plainSteps(catalogue, { lineage, txid });
    for (const { holding } of plan?.steps ?? []) needed.add(holding.name);
  };
  for (const lineage of catalogue.lineages) {
    const ends = restorableEnds(catalogue, lineage);
    for (const txid of wantedStates(ends, { now, policy, lastAt })) need(lineage.id, txid);
    const newest = restorableRanges(catalogue, lineage.id).at(-1)?.to;
    if (lineage === current && newest !== undefined) need(lineage.id, newest);
    for (const holding of [...lineage.snapshots, ...lineage.segments]) {
      const isRecent = lastAt(holding) >= now - policy.everySecondForMs;
      const isAhead = lineage === current && holding.maxTxid > (newest ?? 0);
      if (isRecent || isAhead || holding === current.snapshots.at(-1)) needed.add(holding.name);
    }
  }
  const superfluous = all.filter(({ name }) => !needed.has(name));
  const left = new Set(all.filter(({ name }) => needed.has(name)).map(({ lineage }) => lineage));
  return {
    delete: superfluous.map(({ name }) => name),
    keep: [...needed],
    standIns: all
      .filter(({ kind, name }) => kind === 'merged' && needed.has(name))
      .filter((holding) => superfluous.some((gone) => standsFor(holding, gone))),
    emptied: catalogue.lineages
      .filter((lineage) => lineage.createdAt < now - policy.dailyForMs && lineage.id !== current.id && !left.has(lineage.id))
      .filter(({ id }) => !catalogue.lineages.some(({ parent, id: child }) => parent?.lineage === id && left.has(child)))
      .map(({ id }) => id),
  };
};

const restorableEnds = (catalogue: Catalogue, lineage: LineageHoldings): Holding[] => {
  const ranges = restorableRanges(catalogue, lineage.id);
  return [...lineage.segments, ...lineage.snapshots]
    .filter(({ maxTxid }) => ranges.some(({ from, to }) => from <= maxTxid && maxTxid <= to))
    .toSorted((a, b) => a.maxTxid - b.maxTxid);
};

const wantedStates = (ends: readonly Holding[], { now, policy, lastAt }: Parts): number[] => {
  const buckets = Map.groupBy(ends, (holding) => retentionBucket(lastAt(holding), { now, policy }));
  const wanted: number[] = [];
  for (const [bucket, holdings] of buckets) {
    const snapshot = bucket.startsWith('day') ? holdings.findLast(({ kind }) => kind === 'snapshot') : undefined;
    const chosen = snapshot ?? holdings.at(-1);
    if (chosen !== undefined && bucket !== 'gone' && bucket !== 'each') wanted.push(chosen.maxTxid);
  }
  // Where every transaction is kept, the first one needs what is before it.
  const first = ends.find((holding) => lastAt(holding) >= now - policy.everySecondForMs);
  const before = first === undefined ? undefined : ends.findLast(({ maxTxid }) => maxTxid < first.minTxid);
  if (before !== undefined) wanted.push(before.maxTxid);
  return wanted;
};

const standsFor = (holding: Holding, gone: Holding): boolean =>
  gone.kind !== 'snapshot' &&
  holding.lineage === gone.lineage &&
  holding.minTxid <= gone.maxTxid &&
  gone.minTxid <= holding.maxTxid;

const plainSteps = (catalogue: Catalogue, { lineage, txid }: { lineage: string; txid: number }): RestoreSteps | undefined => {
  const holdings = catalogue.lineages.find(({ id }) => id === lineage);
  if (holdings === undefined) return undefined;
  const snapshot = holdings.snapshots.findLast(({ maxTxid }) => maxTxid <= txid);
  if (snapshot !== undefined) {
    // Where this one does not lead, no older one does: its segments would have to pass here.
    const steps = plainCover(holdings.segments, { from: snapshot.maxTxid, to: txid });
    return steps && { lineage, txid, steps: [{ holding: snapshot, upTo: snapshot.maxTxid }, ...steps] };
  }
  const { parent } = holdings;
  if (parent === undefined || parent.txid > txid) return undefined;
  const steps = plainCover(holdings.segments, { from: parent.txid, to: txid });
  const before = steps && plainSteps({ ...catalogue, lineages: catalogue.lineages.filter(({ id }) => id !== lineage) }, parent);
  return before && { lineage, txid, steps: [...before.steps, ...steps] };
};

const plainCover = (segments: readonly Holding[], { from, to }: TxidRange): RestoreStep[] | undefined => {
  const steps: RestoreStep[] = [];
  let at = from;
  let next = 0;
  while (at < to) {
    let best: RestoreStep | undefined;
    for (; next < segments.length; next += 1) {
      const holding = segments[next] as Holding;
      if (holding.minTxid > at + 1) break;
      if (holding.maxTxid > to && holding.kind === 'merged') continue;
      const upTo = Math.min(holding.maxTxid, to);
      const isBetter = best === undefined || upTo > best.upTo || (upTo === best.upTo && holding.level > best.holding.level);
      if (upTo > at && isBetter) best = { holding, upTo };
    }
    if (best === undefined) return undefined;
    steps.push(best);
    at = best.upTo;
  }
  return steps;
};
