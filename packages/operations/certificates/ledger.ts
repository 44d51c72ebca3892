import type { Journal } from '@berth/journal';
import { type Attempts, noAttempts } from './schedule.ts';

/** What is remembered of each certificate, in the journal: it outlives the daemon. */
export interface Ledger {
  get(id: string): Attempts;
  set(id: string, attempts: Attempts): void;
  forget(id: string): void;
}

const KEY = 'certificates';

export function createLedger({ settings }: Pick<Journal, 'settings'>): Ledger {
  const all = () => settings.get<Record<string, Attempts>>(KEY) ?? {};
  return {
    get: (id) => ({ ...noAttempts, ...all()[id] }),
    set(id, attempts) {
      const before = all();
      if (JSON.stringify(before[id]) !== JSON.stringify(attempts)) settings.set(KEY, { ...before, [id]: attempts });
    },
    forget(id) {
      const { [id]: _, ...others } = all();
      settings.set(KEY, others);
    },
  };
}
