/** The things a fix does to a machine. Each can be looked at, made, and taken back to exactly what was there. */
import type { HostAccess } from './host-access.ts';
import { fileHandler, modeHandler, sysctlHandler } from './file-changes.ts';
import { packagesHandler, passwordHandler, swapHandler, unitHandler } from './system-changes.ts';
import { ufwDefaultHandler, ufwHandler } from './ufw-changes.ts';

export type Change =
  | { readonly kind: 'packages'; readonly names: readonly string[] }
  | { readonly kind: 'file'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly kind: 'mode'; readonly path: string; readonly mode: number; readonly uid: number; readonly gid: number }
  /** Enabled, and running now. */
  | { readonly kind: 'unit'; readonly name: string }
  | { readonly kind: 'sysctl'; readonly key: string; readonly value: string }
  /** Locks the password of an account that has an empty one. */
  | { readonly kind: 'password'; readonly user: string }
  | { readonly kind: 'swap'; readonly path: string; readonly bytes: number }
  /** Words after `ufw`, as in ["allow", "22/tcp"]. */
  | { readonly kind: 'ufw'; readonly rule: readonly string[] }
  /** What ufw does with what no rule names. */
  | { readonly kind: 'ufw-default'; readonly policy: 'deny' };

export type ChangeOf<K extends Change['kind']> = Extract<Change, { kind: K }>;

/** What was there before, as JSON: enough to bring it back. */
export type Former = Readonly<Record<string, unknown>>;

export type Handler<K extends Change['kind'], F extends Former> = {
  /** What is changed, as a name: two changes of the same thing have the same. */
  subject(change: ChangeOf<K>): string;
  /** For people: "write /etc/x", "install y". */
  describe(change: ChangeOf<K>): string;
  isMade(host: HostAccess, change: ChangeOf<K>): Promise<boolean>;
  /** Before the change. Copies of files go below `backups`. */
  capture(host: HostAccess, change: ChangeOf<K>, backups: string): Promise<F>;
  make(host: HostAccess, change: ChangeOf<K>): Promise<void>;
  /** After the change was made, what is known only then. */
  complete?(host: HostAccess, change: ChangeOf<K>, former: F): Promise<F>;
  /** May be repeated, and be called when the change was never made. */
  restore(host: HostAccess, change: ChangeOf<K>, former: F): Promise<void>;
};

// Each handler believes the type of its own records: they were written by itself.
const HANDLERS = {
  packages: packagesHandler,
  file: fileHandler,
  mode: modeHandler,
  unit: unitHandler,
  sysctl: sysctlHandler,
  password: passwordHandler,
  swap: swapHandler,
  ufw: ufwHandler,
  'ufw-default': ufwDefaultHandler,
} as const;

type AnyHandler = Handler<Change['kind'], Former>;

export const handlerOf = (change: Change): AnyHandler => HANDLERS[change.kind] as unknown as AnyHandler;

export const describeChange = (change: Change): string => handlerOf(change).describe(change);
