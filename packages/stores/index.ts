export { createSqliteDriver, type SqliteDriver, type SqliteDriverDeps, type StoreClock } from './sqlite/sqlite-driver.ts';
export type {
  Keeping,
  ProtectedStore,
  RestoredStore,
  StoreDriver,
  StoreHealth,
  StoreMoment,
  StoreNotice,
  StorePosition,
  StoreRange,
  StoreRestore,
  Upkeep,
} from './store.ts';
