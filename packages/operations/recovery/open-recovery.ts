import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { claimPortRange, ensureRestic, ensureTools, type Fault, type HomeLayout, type Logger } from '@berth/host';
import { findRestorePlan, readCatalogue } from '@berth/replicate';
import { recipientOf, unwrap, wrap } from '@berth/secrets';
import { createFilesDriver, createSqliteDriver, createTrees } from '@berth/stores';
import { openTarget, openVault } from '@berth/vault';
import { isSilence } from './copies.ts';
import type { KeySealer, OpenTarget, RecoveryDeps, RecoveryEvent, RecoveryKit } from './deps.ts';
import { createRecoveryUsers } from './users.ts';

export type RecoveryOptions = {
  /** The home that is to be filled. */
  readonly layout: HomeLayout;
  readonly uid: number;
  /** $PATH */
  readonly path: string;
  readonly kit: RecoveryKit;
  /** Where restic keeps its cache, where the replicator would keep its state, and where programs are unpacked without root. */
  readonly cache: string;
  readonly state: string;
  readonly parts: string;
  /** False: programs that are missing are only unpacked to `parts`; the machine stays as it is. */
  readonly mayInstall: boolean;
  readonly log: Logger;
  readonly fault: Fault;
  readonly report: (event: RecoveryEvent) => void;
};

/** Recovery with all that is real: targets, restic, and processes that read databases back. */
export function openRecovery(options: RecoveryOptions): RecoveryDeps {
  const { layout, uid, path, kit, cache, state, parts, mayInstall, log, fault, report } = options;
  const now = () => new Date();
  const notice = () => undefined;
  const machine = { parts, uid: mayInstall ? uid : NOBODY, path, log };
  let restic: ReturnType<typeof ensureRestic> | undefined;
  const trees = createTrees({ restic: () => (restic ??= ensureRestic(machine)), cache, now, notice });
  return {
    ...{ layout, uid, kit, trees, now, fault, report },
    newInstallation: () => ({ id: randomUUID(), host: hostname() }),
    async openVault({ url, credentials }) {
      const target = await openTarget({ url, ...(credentials && { credentials }) });
      return openVault({ target, identity: kit.identity, vault: kit.vault });
    },
    async bringTools() {
      const [edge, own] = [await ensureTools(machine), await ensureRestic(machine)];
      return { installed: [...edge.installed, ...own.installed], bytes: edge.bytes + own.bytes };
    },
    measure,
    drivers: {
      sqlite: createSqliteDriver({ stateDirectory: state, onNotice: notice }),
      files: createFilesDriver({ trees, now, notice }),
    },
    sealer: createKeySealer(kit.identity),
    users: createRecoveryUsers(layout.home, uid),
    claimPorts: () => claimPortRange(layout.home),
  };
}

/** Whoever is not root changes nothing of the machine. */
const NOBODY = 65_534;

async function measure(store: { id: string; kind: 'sqlite' | 'files' }, from: OpenTarget, at: Date | null) {
  // What restic would have to fetch is known to restic alone, and asking costs more than it tells.
  if (store.kind === 'files') return null;
  const { sealed } = from.vault;
  // Only for the estimate: a replica with a gap says so when it is brought back.
  const plan = await findRestorePlan(sealed, await readCatalogue(sealed, store.id), {
    to: at === null ? 'latest' : { at },
  }).catch((cause: unknown) => {
    if (isSilence(cause)) throw cause;
    return null;
  });
  return plan?.bytes ?? null;
}

/** As the daemon of the home will seal and open, but before there is a home. */
function createKeySealer(identity: string): KeySealer {
  return {
    seal: async (text) => wrap(Buffer.from(text), await recipientOf(identity)),
    open: async (_name, sealed) => Buffer.from(await unwrap(sealed, identity)).toString('utf8'),
  };
}
