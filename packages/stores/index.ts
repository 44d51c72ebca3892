export { type Exchange, exchange, putBack } from './exchange.ts';
export { createFilesDriver, type FilesDriverDeps } from './files/files-driver.ts';
export { createTrees, type Tree, type Trees, type TreesDeps } from './files/trees.ts';
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
