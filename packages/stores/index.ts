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
export { type Exchange, exchange, putBack } from './exchange.ts';
export { createFilesDriver, type FilesDriverDeps } from './files/files-driver.ts';
export {
  createTrees,
  type SavedTree,
  type Tree,
  type TreeRestore,
  type Trees,
  type TreeSave,
  type TreesDeps,
} from './files/trees.ts';
