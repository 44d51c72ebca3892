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
