/**
 * Tables of the engine that belong to no type: saved states, typing, changes, uses of files, old addresses and the search. Those of
 * the types come from `schema.ts`.
 */
import type { Migration } from '../store/migration.ts';
import { recordTables } from './record-tables.ts';
import { foreignAddressTables, redirectTables } from './redirects.ts';
import { searchTables } from './search-index.ts';

export const contentMigrations: readonly Migration[] = [recordTables, redirectTables, searchTables, foreignAddressTables];
