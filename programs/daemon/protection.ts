import { ensureRestic, type HomeLayout, type Logger } from '@berth/host';
import { type ProtectionParts, runVaultWork } from '@berth/operations';
import { createFilesDriver, createSqliteDriver, createTrees, type StoreNotice } from '@berth/stores';

type Machine = { readonly layout: HomeLayout; readonly uid: number; readonly path: string; readonly log: Logger };

/** What protects data, put together for this home. Nothing of it runs before there is something to protect. */
export const createProtectionParts = (machine: Machine, tell: (notice: StoreNotice) => void): ProtectionParts => {
  const { layout } = machine;
  const now = () => new Date();
  const trees = createTrees({ restic: rememberingRestic(machine), cache: layout.treeCache, now, notice: tell });
  return {
    trees,
    work: runVaultWork(layout.compileCache),
    sqlite: createSqliteDriver({ stateDirectory: layout.replicator, onNotice: tell }),
    files: createFilesDriver({ trees, now, notice: tell }),
  };
};

/** Found or installed when it is needed first; asked again where that failed. */
const rememberingRestic = ({ layout, uid, path, log }: Machine) => {
  let found: ReturnType<typeof ensureRestic> | undefined;
  return () => {
    found ??= ensureRestic({ parts: layout.parts, uid, path, log }).catch((cause: unknown) => {
      found = undefined;
      throw cause;
    });
    return found;
  };
};
