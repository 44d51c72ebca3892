import { join } from 'node:path';
import { type Change, type Former, handlerOf } from './change.ts';
import { ledgerUnreadable } from './errors.ts';
import type { HostAccess } from './host-access.ts';

/** Where it is written down what was there before each fix. */
export const LEDGER_ROOT = '/etc/berth/harden';

export type Entry = { readonly change: Change; former: Former };

/** A change that is taken back unless it is confirmed. */
export type Trial = {
  /** ISO 8601. */
  readonly until: string;
  /** The SSH connection that it was made over; empty on a console. */
  readonly sshConnection: string;
  /** How many entries were there before. */
  readonly firstEntry: number;
  /** What was there when the trial began, which a fix of an earlier day may have made. */
  readonly entries: Entry[];
};

/**
 * The record of one check's fix, written before each change is made: wherever a fix was killed, what was there before is
 * known. The first to be written about a thing stays, so that a fix that runs again does not take its own work for it.
 */
export class Ledger {
  readonly #host: HostAccess;
  readonly check: string;
  readonly entries: Entry[];
  trial: Trial | null;
  /** Changes were made (or taken back) that do not act yet. */
  unsettled: boolean;

  constructor(host: HostAccess, check: string, state: State) {
    this.#host = host;
    this.check = check;
    this.entries = state.entries;
    this.trial = state.trial;
    this.unsettled = state.unsettled;
  }

  async remember(change: Change): Promise<void> {
    this.unsettled = true;
    await this.#rememberIn(this.entries, change, 'before');
    if (this.trial !== null) await this.#rememberIn(this.trial.entries, change, 'trial');
    await this.save();
  }

  /** Packages that were there already are noted too, once anything is: another check may have brought them. */
  claim(change: Change): void {
    if (change.kind !== 'packages' || this.entries.some(isAbout(change))) return;
    this.entries.push({ change, former: { before: [], brought: [] } });
  }

  async complete(change: Change): Promise<void> {
    const { complete } = handlerOf(change);
    const entry = this.entries.find(isAbout(change));
    if (complete === undefined || entry === undefined) return;
    const former = await complete(this.#host, change, entry.former);
    if (JSON.stringify(former) === JSON.stringify(entry.former)) return;
    entry.former = former;
    await this.save();
  }

  /** Without entries there is nothing to keep: the directory goes, and the ones above it when nothing else is in them. */
  async save(): Promise<void> {
    const directory = join(LEDGER_ROOT, this.check);
    if (this.entries.length === 0 && this.trial === null && !this.unsettled) {
      await removeTree(this.#host, directory);
      await this.#host.remove(LEDGER_ROOT);
      await this.#host.remove('/etc/berth');
      return;
    }
    const state: State & { format: 1 } = {
      format: 1,
      unsettled: this.unsettled,
      trial: this.trial,
      entries: this.entries,
    };
    await this.#host.write(ledgerFile(this.check), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600, uid: 0, gid: 0 });
  }

  async #rememberIn(entries: Entry[], change: Change, folder: string): Promise<void> {
    if (entries.some(isAbout(change))) return;
    const backups = join(LEDGER_ROOT, this.check, folder);
    entries.push({ change, former: await handlerOf(change).capture(this.#host, change, backups) });
  }
}

export const openLedger = async (host: HostAccess, check: string): Promise<Ledger> => {
  const file = ledgerFile(check);
  const text = await host.read(file);
  if (text === null) return new Ledger(host, check, { entries: [], trial: null, unsettled: false });
  try {
    const { format, entries, trial, unsettled } = JSON.parse(text.toString());
    if (format !== 1 || !Array.isArray(entries)) throw new Error(`format ${format} is not known`);
    return new Ledger(host, check, { entries, trial, unsettled });
  } catch (cause) {
    throw ledgerUnreadable(file, cause);
  }
};

/** The checks that have changed something. */
export const ledgerNames = async (host: HostAccess): Promise<readonly string[]> => {
  const names: string[] = [];
  for (const name of await host.list(LEDGER_ROOT)) if ((await host.stat(ledgerFile(name))) !== null) names.push(name);
  return names;
};

type State = { readonly entries: Entry[]; readonly trial: Trial | null; readonly unsettled: boolean };

const ledgerFile = (check: string): string => join(LEDGER_ROOT, check, 'ledger.json');

const isAbout =
  (change: Change) =>
  (entry: Entry): boolean =>
    entry.change.kind === change.kind && handlerOf(change).subject(change) === handlerOf(change).subject(entry.change);

/** The record itself last: a kill in between leaves what is needed to repeat it. */
const removeTree = async (host: HostAccess, path: string): Promise<void> => {
  const names = await host.list(path);
  for (const name of names.toSorted((a, b) => Number(a === 'ledger.json') - Number(b === 'ledger.json'))) {
    const below = join(path, name);
    if ((await host.stat(below))?.kind === 'directory') await removeTree(host, below);
    else await host.remove(below);
  }
  await host.remove(path);
};
