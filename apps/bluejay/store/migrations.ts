/** All steps of the database's shape that are written by hand. The tables of content types follow from their declarations. */
import { accountsMigrations } from '../accounts/migrations.ts';
import { contentMigrations } from '../content/migrations.ts';
import { leadsMigrations } from '../leads/migrations.ts';
import { mediaMigrations } from '../media/migrations.ts';
import { navigationMigrations } from '../navigation/migrations.ts';
import type { Migration } from './migration.ts';

/** In the order in which they are applied; each once, by name. */
export const MIGRATIONS: readonly Migration[] = [
  ...accountsMigrations,
  ...mediaMigrations,
  ...navigationMigrations,
  ...leadsMigrations,
  ...contentMigrations,
];

/**
 * What this program makes of the schema. `generation` grows when something changes its meaning (never for a new table or column);
 * `compatibleFrom` is the oldest generation whose program can still use what this one writes. Expand in one release and contract in
 * the next: then the release before always can.
 */
export const SCHEMA = { generation: 1, compatibleFrom: 1 } as const;
