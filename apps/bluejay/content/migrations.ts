/** Tables of the engine that belong to no type: old addresses and the search. Those of the types come from `schema.ts`. */
import type { Migration } from '../store/migration.ts';
import { foreignAddressTables, redirectTables } from './redirects.ts';
import { searchTables } from './search-index.ts';

export const contentMigrations: readonly Migration[] = [redirectTables, searchTables, foreignAddressTables];
