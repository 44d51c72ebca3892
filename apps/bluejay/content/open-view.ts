/** What visitors see, for one request: everything is asked as of the moment at which the view was opened. */
import type { DatabaseSync } from 'node:sqlite';
import { allOf, type Condition, fieldConditions } from './conditions.ts';
import type { ContentType, RecordOf } from './content-type.ts';
import type { ContentView, SearchHit, ViewOptions, ViewQuery } from './content-view.ts';
import { countHitsOf, excerptOf, findHits, type Searched, searchExpression } from './find-hits.ts';
import { quoted } from './names.ts';
import { orderTerms } from './order.ts';
import { findPath, pathTargets, slugIn, type TypesByName } from './page-paths.ts';
import { findForeignAddress, findRedirect } from './redirects.ts';
import { countRecords, loadRecords } from './rows.ts';
import { nextChangeMs, type Standpoint, visibleCondition } from './visibility.ts';

export type ViewDependencies = {
  readonly database: DatabaseSync;
  readonly types: readonly ContentType[];
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

export const openView = ({ database, types, now }: ViewDependencies, { drafts }: ViewOptions = {}): ContentView => {
  const standpoint: Standpoint = { nowMs: now(), ...(drafts !== undefined && { drafts }) };
  const byName: TypesByName = new Map(types.map((type) => [type.name, type]));
  const searched: Searched = { database, types: byName, standpoint };
  const tags = new Set<string>();
  let changesAtMs: number | null = null;

  const changesAt = (moment: number | null): void => {
    if (moment !== null && moment > standpoint.nowMs && (changesAtMs === null || moment < changesAtMs)) changesAtMs = moment;
  };
  const noteSchedule = (type: ContentType, condition: Condition): void =>
    changesAt(nextChangeMs(database, type, standpoint, condition));

  /** One that was asked for by name: when it is there, only its end can change the answer. */
  const findOne = <T extends ContentType>(type: T, condition: Condition): RecordOf<T> | undefined => {
    const visible = visibleCondition(type, standpoint, { asked: 'one' });
    const [record] = loadRecords(database, type, { ...whereOf([condition, visible]), limit: 1 });
    if (record === undefined) noteSchedule(type, condition);
    else {
      tags.add(`${type.name}:${record.id}`);
      if (type.lifecycle === 'publication') changesAt(record.unpublishAtMs);
    }
    return record;
  };

  /** Also of what the paths of those records name. */
  const notePageSchedule = (type: ContentType, condition: Condition): void => {
    noteSchedule(type, condition);
    for (const { column, type: target } of pathTargets(type, byName)) {
      const sql = `r."id" IN (SELECT r.${quoted(column)} FROM ${quoted(type.table)} r WHERE ${condition.sql})`;
      noteSchedule(target, { sql, params: condition.params });
    }
  };

  const pathOf = (type: ContentType, id: number): string | undefined => {
    tags.add(`${type.name}:${id}`);
    notePageSchedule(type, { sql: 'r."id" = ?', params: [id] });
    const found = findPath(database, type, { id, types: byName, standpoint });
    for (const tag of found?.tags ?? pathTargets(type, byName).map((target) => `${target.type.name}:*`)) tags.add(tag);
    return found?.path;
  };

  const noteSearch = (type: ContentType): void => {
    for (const { name } of [type, ...pathTargets(type, byName).map((target) => target.type)]) tags.add(`${name}:*`);
    notePageSchedule(type, { sql: '1', params: [] });
  };

  const list = <T extends ContentType>(type: T, { order, limit, offset, ...query }: ViewQuery = {}): readonly RecordOf<T>[] => {
    const asked = conditionsOf(type, query);
    tags.add(`${type.name}:*`);
    noteSchedule(type, allOf(asked));
    const records = loadRecords(database, type, {
      ...whereOf([...asked, visibleCondition(type, standpoint)]),
      order: orderTerms(type, order === undefined || order.length === 0 ? [type.order] : order, 'r.'),
      ...(limit !== undefined && { limit: Math.max(0, limit) }),
      ...(offset !== undefined && { offset: Math.max(0, offset) }),
    });
    for (const { id } of records) tags.add(`${type.name}:${id}`);
    return records;
  };

  const find = <T extends ContentType>(type: T, id: number | null): RecordOf<T> | undefined => {
    if (id === null) return undefined;
    tags.add(`${type.name}:${id}`);
    return findOne(type, { sql: 'r."id" = ?', params: [id] });
  };

  return {
    isPreview: drafts !== undefined,
    list,
    find,
    count: (type, query = {}) => {
      const asked = conditionsOf(type, query);
      tags.add(`${type.name}:*`);
      noteSchedule(type, allOf(asked));
      return countRecords(database, type, whereOf([...asked, visibleCondition(type, standpoint)]));
    },
    findAll: (type, ids) => {
      const asked: Condition = { sql: 'r."id" IN (SELECT value FROM json_each(?))', params: [JSON.stringify(ids)] };
      for (const id of ids) tags.add(`${type.name}:${id}`);
      noteSchedule(type, asked);
      const records = loadRecords(database, type, whereOf([asked, visibleCondition(type, standpoint)]));
      const byId = new Map(records.map((record) => [record.id, record]));
      return ids.map((id) => byId.get(id)).filter((record) => record !== undefined);
    },
    bySlug: (type, slug) => {
      if (type.slug === undefined || slug === '') return undefined;
      const record = findOne(type, slugCondition(slug));
      // In other letters it is the address of the same, to which one is led.
      if (record !== undefined && record.slug !== slug) return undefined;
      // Any of them may get the slug.
      if (record === undefined) tags.add(`${type.name}:*`);
      return record;
    },
    single: (type) => {
      const [record] = list(type, { limit: 1 });
      if (record === undefined) throw new Error(`There is no ${type.name}: the database was not migrated.`);
      return record;
    },
    pathOf: (type, { id }) => pathOf(type, id),
    search: (words, { types: names, limit, offset = 0 }) => {
      const expression = searchExpression(words);
      const wanted = searchable(types).filter(({ name }) => names === undefined || names.includes(name));
      for (const type of wanted) noteSearch(type);
      if (expression === undefined || limit <= 0) return [];
      return wanted
        .flatMap((type) => findHits(searched, type, { expression, limit: limit + offset }))
        .sort((one, other) => one.rank - other.rank)
        .slice(offset, offset + limit)
        .map(({ type, id, title, path, document }): SearchHit => {
          return { type, id, title, path, excerpt: excerptOf(database, document, expression) };
        });
    },
    countHits: (words, name) => {
      const type = byName.get(name);
      const expression = searchExpression(words);
      if (type?.search === undefined || expression === undefined) return 0;
      noteSearch(type);
      return countHitsOf(searched, type, expression);
    },
    redirectFor: (path) => {
      for (const type of types) {
        const slug = type.page === undefined || type.slug === undefined ? undefined : slugIn(type.page, path);
        if (slug === undefined) continue;
        tags.add(`${type.name}:*`);
        // Under another category by now, or under another name.
        const id = idOfSlug(database, type, slug) ?? findRedirect(database, type, slug);
        const found = id === undefined ? undefined : pathOf(type, id);
        if (found !== undefined && found !== path) return found;
      }
      const foreign = findForeignAddress(database, path);
      const type = foreign && byName.get(foreign.type);
      const found = foreign && type && pathOf(type, foreign.record);
      return found === path ? undefined : found;
    },
    dependsOn: (tag) => void tags.add(tag),
    tags: () => [...tags],
    changesAtMs: () => changesAtMs,
  };
};

const conditionsOf = (type: ContentType, { where = {}, except }: Pick<ViewQuery, 'where' | 'except'>): readonly Condition[] => [
  ...fieldConditions(type, where),
  ...(except === undefined ? [] : [{ sql: 'r."id" <> ?', params: [except] }]),
];

const whereOf = (conditions: readonly Condition[]): { readonly where: string; readonly params: Condition['params'] } => {
  const { sql, params } = allOf(conditions);
  return { where: sql, params };
};

const idOfSlug = (database: DatabaseSync, type: ContentType, slug: string): number | undefined =>
  loadRecords(database, type, { ...whereOf([slugCondition(slug)]), limit: 1 })[0]?.id;

/** As its index has it: without regard to case, and without those that have none. */
const slugCondition = (slug: string): Condition => ({
  sql: `r."slug" = ? COLLATE NOCASE AND r."slug" <> ''`,
  params: [slug],
});

const searchable = (types: readonly ContentType[]): readonly ContentType[] => types.filter(({ search }) => search !== undefined);
