/** A daemon that restores and is killed meanwhile: forked by tests, told over IPC what to restore. */
import type { StoreRestore } from '../store.ts';
import { createSqliteDriver } from './sqlite-driver.ts';

type Work = { readonly stateDirectory: string; readonly request: StoreRestore };

process.on('message', ({ stateDirectory, request }: Work) => {
  const driver = createSqliteDriver({ stateDirectory, onNotice: () => undefined });
  process.send?.('begun');
  void driver.restore(request).finally(() => process.exit(0));
});
