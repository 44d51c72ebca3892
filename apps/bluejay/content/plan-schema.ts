/**
 * Which steps make the database what the declarations ask for. Only ever more: the release that still runs, or that one goes back
 * to, finds all that it knows. What is not declared any more stays and is reported.
 */
import type { ContentType } from './content-type.ts';
import { quoted } from './names.ts';
import { type Column, declaredTables, type Table } from './schema.ts';

export type ExistingTable = {
  /** Column → declared type. */
  readonly columns: ReadonlyMap<string, string>;
  /** Column → the table whose ids it holds. */
  readonly references: ReadonlyMap<string, string>;
  readonly indexes: ReadonlySet<string>;
};

export type ExistingSchema = ReadonlyMap<string, ExistingTable>;

export type SchemaStep = {
  /** For the log and for “not migrated”: `column products.video_url`. */
  readonly what: string;
  readonly sql: string;
  /** A program cannot run without it. Indexes are made too, but a release that one goes back to may do with others. */
  readonly isNeeded: boolean;
  /** A unique index, which what is stored may contradict. */
  readonly unique?: string;
};

export type SchemaPlan = {
  readonly steps: readonly SchemaStep[];
  /** What stays although it is not declared (so): `column products.old_name is not declared any more`. */
  readonly kept: readonly string[];
  /** Tables that are new, for the rows they begin with. */
  readonly created: ReadonlySet<string>;
};

export const planSchema = (existing: ExistingSchema, types: readonly ContentType[]): SchemaPlan => {
  const steps: SchemaStep[] = [];
  const kept: string[] = [];
  const created = new Set<string>();
  for (const table of declaredTables(types)) {
    const found = existing.get(table.name);
    if (found === undefined) {
      created.add(table.name);
      steps.push({ what: `table ${table.name}`, sql: createTable(table), isNeeded: true });
    } else {
      steps.push(...missingColumns(table, found));
      kept.push(...differences(table, found));
      steps.push(...obsoleteUniques(table, found));
    }
    for (const index of table.indexes) {
      if (found?.indexes.has(index.name) === true) continue;
      steps.push({
        what: `index ${index.name}`,
        sql: index.sql,
        isNeeded: false,
        ...(index.unique ? { unique: index.name } : {}),
      });
    }
  }
  return { steps, kept, created };
};

const createTable = (table: Table): string =>
  `CREATE TABLE ${quoted(table.name)} (${[...table.columns.map(columnSql), ...table.constraints].join(', ')})`;

const columnSql = ({ name, type, rule }: Column): string => `${quoted(name)} ${type} ${rule}`.trimEnd();

const missingColumns = (table: Table, found: ExistingTable): readonly SchemaStep[] =>
  table.columns
    .filter(({ name }) => !found.columns.has(name))
    .map((column) => ({
      what: `column ${table.name}.${column.name}`,
      sql: `ALTER TABLE ${quoted(table.name)} ADD COLUMN ${columnSql(column)}`,
      isNeeded: true,
    }));

const differences = (table: Table, found: ExistingTable): readonly string[] => {
  const declared = new Map(table.columns.map((column) => [column.name, column]));
  return [...found.columns].flatMap(([name, type]) => {
    const wanted = declared.get(name);
    const column = `column ${table.name}.${name}`;
    if (wanted === undefined) return [`${column} is not declared any more`];
    if (wanted.type !== type) return [`${column} is ${type} and declared ${wanted.type}: give the field a new name`];
    const target = found.references.get(name);
    if (target === wanted.refersTo) return [];
    return [`${column} holds ${idsOf(target)} and is declared to hold ${idsOf(wanted.refersTo)}: give the field a new name`];
  });
};

const idsOf = (table: string | undefined): string => (table === undefined ? 'plain values' : `ids of ${table}`);

/** The one thing that goes: a value that must be unique no longer would make the new release refuse what it allows. No data is lost. */
const obsoleteUniques = (table: Table, found: ExistingTable): readonly SchemaStep[] => {
  const declared = new Set(table.indexes.map(({ name }) => name));
  return [...found.indexes]
    .filter((name) => name.startsWith(`${table.name}__one_`) && !declared.has(name))
    .map((name) => ({ what: `index ${name} goes`, sql: `DROP INDEX ${quoted(name)}`, isNeeded: false }));
};
