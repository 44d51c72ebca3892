import { ensureRestic, type HomeLayout, type Logger } from '@berth/host';
import { type PlatformDeps, runVaultWork } from '@berth/operations';
import { createFilesDriver, createSqliteDriver, createTrees, type StoreNotice } from '@berth/stores';

type Machine = { readonly layout: HomeLayout; readonly uid: number; readonly path: string; readonly log: Logger };

/** What protects data, put together for this home. Nothing of it runs before there is something to protect. */
export const createProtectionParts = (machine: Machine): Pick<PlatformDeps, 'sqlite' | 'files' | 'trees' | 'work'> => {
  const { layout, log } = machine;
  const tell = ({ level, name, ...rest }: StoreNotice): void => {
    const fields = { id: rest.id, target: rest.target, ...rest.fields };
    if (level === 'warning') log.warn(name, fields);
    else log.info(name, fields);
  };
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
