import { mkdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exchange, putBack, type StoreMoment, type StorePosition } from '@berth/stores';
import type { PointRow, StoreRow } from '@berth/journal';
import type { StepContext, StepDefinition } from '../engine.ts';
import { intoNotEmpty, noStores, pointNotFound, storeNotFound, storeNotInPoint } from '../protection-errors.ts';
import { NOT_NEEDED } from '../operation-view.ts';
import { parsePoint, renderPoint } from '../protection/protection.ts';
import { isEmptyOrAbsent, restoringDirectory } from '../protection/scratch.ts';
import type { StepDeps } from './deps.ts';
import { inputOf, type Memory, memoryOf, type WantedStore } from './memory.ts';

/**
 * Data back to a moment, in steps that can each be killed and done again:
 *
 *   choose     which stores, and which state of each
 *   fetch      into a scratch place beside them, proven, while the app goes on
 *   …          requests are held, the old instances stop, the state that is left becomes a restore point
 *   exchange   the restored data takes the place of what was there
 *   …          new instances start on it, and answer who waited
 */
export function chooseStep({ journal, protection }: StepDeps): StepDefinition {
  return {
    name: 'choose',
    async run(context) {
      const { withData, at, point: asked, stores } = inputOf(context);
      if (journal.operations.get(context.id).kind === 'rollback' && !withData) return NOT_NEEDED;
      const point = pointOf(context, journal.points);
      const own = protection.stores(context.app);
      const wanted = stores === undefined ? own : stores.map((name) => storeNamed(context.app, own, name));
      if (wanted.length === 0) throw noStores(context.app);
      const chosen = wanted.flatMap((store) => choose(store, { point, at, isAsked: stores !== undefined }));
      context.remember({ wanted: chosen });
      const names = chosen.map(({ name }) => name).join(', ');
      return `${names} as of ${point?.at ?? at}${asked === undefined && point !== null ? ` (${renderPoint(point.number)})` : ''}`;
    },
  };
}

export function fetchStep({ journal, layout, protection, bus }: StepDeps): StepDefinition {
  return {
    name: 'fetch',
    async run(context) {
      const { wanted = [] } = memoryOf(context);
      if (wanted.length === 0) return NOT_NEEDED;
      const { into, target } = inputOf(context);
      if (into !== undefined && memoryOf(context).fetched === undefined && !(await isEmptyOrAbsent(into)))
        throw intoNotEmpty(into);
      context.remember({ fetched: memoryOf(context).fetched ?? {} });
      for (const { id, name, moment } of wanted) {
        if (memoryOf(context).fetched?.[name] !== undefined) continue;
        const store = rowOf(journal.stores.list(context.app), id);
        const place = into === undefined ? newPlace(layout, context, name) : join(into, name);
        // What a killed daemon left is not known to be whole.
        await rm(place, { recursive: true, force: true });
        await mkdir(place, { recursive: true, mode: 0o711 });
        const {
          ms,
          warnings = [],
          ...fetched
        } = await protection.fetch({
          store,
          to: toMoment(moment),
          into: join(place, basename(store.path)),
          ...(target !== undefined && { target }),
          owned: into === undefined,
          signal: context.signal,
          onProgress: (fraction) =>
            bus.mention({
              name: 'operation.progress',
              app: context.app,
              operation: context.id,
              fields: { store: name, fraction },
            }),
        });
        const { warnings: known = [] } = memoryOf(context);
        context.remember({
          fetched: { ...memoryOf(context).fetched, [name]: { ...fetched, ms } },
          warnings: [...known, ...warnings.map((text) => `${name}: ${text}`)],
        });
        bus.publish({ name: 'store.fetched', app: context.app, operation: context.id, fields: { store: name, ms, ...fetched } });
      }
      return describeFetched(memoryOf(context).fetched ?? {});
    },
    undo: async (context) => removeScratch(layout, context),
  };
}

/** While nothing of the app runs. */
export function exchangeStep({ journal, layout, protection }: StepDeps): StepDefinition {
  const changes = async (context: StepContext) => {
    const { wanted = [] } = memoryOf(context);
    const rows = journal.stores.list(context.app);
    return Promise.all(
      wanted.map(async ({ id, name }) => {
        const row = rowOf(rows, id);
        const { path } = await protection.locate(row);
        const restored = join(newPlace(layout, context, name), basename(row.path));
        return { parts: protection.driver(row.kind).parts(path), restored, live: path, aside: oldPlace(layout, context, name) };
      }),
    );
  };
  return {
    name: 'exchange',
    async run(context) {
      const { into, fetched = {} } = { ...inputOf(context), ...memoryOf(context) };
      if (into !== undefined || Object.keys(fetched).length === 0) return NOT_NEEDED;
      for (const change of await changes(context)) {
        // `aside` itself is made by the exchange: where it is there, the exchange has begun.
        await mkdir(dirname(change.aside), { recursive: true, mode: 0o700 });
        await exchange(change);
      }
      return undefined;
    },
    async undo(context) {
      if (inputOf(context).into !== undefined) return;
      for (const change of await changes(context)) await putBack(change);
    },
  };
}

/** A snapshot of the trees that are about to go: what a restore takes away must be able to come back. */
export function secureStep({ journal, protection }: StepDeps): StepDefinition {
  return {
    name: 'secure',
    async run(context) {
      const { wanted = [] } = memoryOf(context);
      if (wanted.length === 0 || inputOf(context).into !== undefined) return NOT_NEEDED;
      const ids = new Set(wanted.map(({ id }) => id));
      const trees = journal.stores.list(context.app).filter((store) => ids.has(store.id) && store.kind === 'files');
      if (trees.length === 0) return NOT_NEEDED;
      await protection.secure(trees, { timeoutMs: SECURE_MS, signal: context.signal });
      return trees.map(({ name }) => name).join(', ');
    },
  };
}

/** Requests wait meanwhile; the bulk of it was done before. */
const SECURE_MS = 45_000;

export const removeScratch = (layout: StepDeps['layout'], { app, id }: Pick<StepContext, 'app' | 'id'>): Promise<void> =>
  rm(restoringDirectory(layout, app, id), { recursive: true, force: true });

const newPlace = (layout: StepDeps['layout'], { app, id }: StepContext, store: string) =>
  join(restoringDirectory(layout, app, id), 'new', store);
const oldPlace = (layout: StepDeps['layout'], { app, id }: StepContext, store: string) =>
  join(restoringDirectory(layout, app, id), 'old', store);

function pointOf(context: StepContext, points: StepDeps['journal']['points']): PointRow | null {
  const { point: asked, withData } = inputOf(context);
  if (withData) {
    // The newest state in which that release served before another took over.
    const target = memoryOf(context).target;
    const left = points.list(context.app).find((point) => point.release === target && LEAVES_RELEASE.has(point.kind));
    if (!left) throw pointNotFound(context.app, null, target ?? null);
    return left;
  }
  if (asked === undefined) return null;
  const point = points.find(parsePoint(asked));
  if (point?.app !== context.app) throw pointNotFound(context.app, asked, null);
  return point;
}

/** Operations that replace the release that serves. */
const LEAVES_RELEASE = new Set(['deploy', 'configure', 'rollback']);

function choose(
  store: StoreRow,
  { point, at, isAsked }: { point: PointRow | null; at: string | undefined; isAsked: boolean },
): WantedStore[] {
  if (point === null) return [{ id: store.id, name: store.name, moment: { at: at ?? '' } }];
  const position = point.positions[store.id] as StorePosition | undefined;
  // It did not exist yet at that moment: it stays as it is, unless it was asked for by name.
  if (position === undefined && isAsked) throw storeNotInPoint(store.app, store.name, renderPoint(point.number));
  return position === undefined ? [] : [{ id: store.id, name: store.name, moment: { position } }];
}

const storeNamed = (app: string, own: readonly StoreRow[], name: string): StoreRow => {
  const store = own.find((it) => it.name === name);
  if (!store)
    throw storeNotFound(
      app,
      name,
      own.map((it) => it.name),
    );
  return store;
};

function rowOf(rows: readonly StoreRow[], id: string): StoreRow {
  const row = rows.find((it) => it.id === id);
  if (!row) throw new Error(`the journal has no store ${id} any more`);
  return row;
}

const toMoment = (moment: WantedStore['moment']): StoreMoment => ('at' in moment ? { at: new Date(moment.at) } : moment);

const describeFetched = (fetched: NonNullable<Memory['fetched']>): string =>
  Object.entries(fetched)
    .map(([name, { atMs, target }]) => `${name} as of ${new Date(atMs).toISOString()} from ${target}`)
    .join('; ');
