import { randomBytes } from 'node:crypto';

/**
 * What an object is, told by its name alone, so that a listing is enough to know what a target holds. Names carry ids and
 * numbers, nothing of the content. Numbers have a fixed width: sorted as text they are sorted by transaction.
 */
export type ObjectName = SnapshotName | LogName | MergedName | LineageName | EpochName;

/** Every page as it was after transaction `txid`. */
export type SnapshotName = {
  readonly kind: 'snapshot';
  readonly database: string;
  readonly lineage: string;
  readonly txid: number;
};
/** The transactions from `minTxid` to `maxTxid`, each of them restorable; a reconciliation is one transaction. */
export type LogName = { readonly kind: 'log' } & Range;
/** The last version of each page that changed from `minTxid` to `maxTxid`; only `maxTxid` is restorable. */
export type MergedName = { readonly kind: 'merged'; readonly level: number } & Range;
/** Where a lineage came from (see lineage.ts). */
export type LineageName = { readonly kind: 'lineage'; readonly database: string; readonly lineage: string };
/** The right to write: whoever created the highest one has it. */
export type EpochName = { readonly kind: 'epoch'; readonly database: string; readonly epoch: number };

type Range = { readonly database: string; readonly lineage: string; readonly minTxid: number; readonly maxTxid: number };

export const renderObjectName = (name: ObjectName): string => {
  switch (name.kind) {
    case 'snapshot':
      return `${name.database}/${name.lineage}/snapshot-${digits(name.txid)}`;
    case 'log':
      return `${name.database}/${name.lineage}/log-${digits(name.minTxid)}-${digits(name.maxTxid)}`;
    case 'merged':
      return `${name.database}/${name.lineage}/merged-${name.level}-${digits(name.minTxid)}-${digits(name.maxTxid)}`;
    case 'lineage':
      return `${name.database}/lineages/${name.lineage}`;
    case 'epoch':
      return `${name.database}/epochs/${digits(name.epoch)}`;
  }
};

/** undefined for what is none of ours: a listing may hold anything. */
export const parseObjectName = (text: string): ObjectName | undefined => {
  const [database = '', folder = '', file = '', ...rest] = text.split('/');
  if (rest.length > 0 || !isDatabaseId(database)) return undefined;
  if (folder === 'lineages') return isLineageId(file) ? { kind: 'lineage', database, lineage: file } : undefined;
  if (folder === 'epochs') {
    const epoch = /^(\d{16})$/.exec(file)?.[1];
    return epoch === undefined ? undefined : { kind: 'epoch', database, epoch: Number(epoch) };
  }
  if (!isLineageId(folder)) return undefined;
  const of = { database, lineage: folder };
  const snapshot = /^snapshot-(\d{16})$/.exec(file)?.[1];
  if (snapshot !== undefined) return { kind: 'snapshot', ...of, txid: Number(snapshot) };
  const [, kind, level, min, max] = /^(?:(log)|merged-([1-9]))-(\d{16})-(\d{16})$/.exec(file) ?? [];
  const range = { ...of, minTxid: Number(min), maxTxid: Number(max) };
  if (!(range.minTxid <= range.maxTxid)) return undefined;
  return kind === 'log' ? { kind: 'log', ...range } : { kind: 'merged', level: Number(level), ...range };
};

/** What all objects of a lineage begin with. */
export const lineagePrefix = (database: string, lineage: string): string => `${database}/${lineage}/`;

/** What the logs of a lineage begin with whose first transaction is this one: one of them at most, unless two wrote it. */
export const logsFromPrefix = (database: string, lineage: string, minTxid: number): string =>
  `${lineagePrefix(database, lineage)}log-${digits(minTxid)}-`;

export const epochsPrefix = (database: string): string => `${database}/epochs/`;

/** Lower-case letters, digits and dashes, 64 at most. The caller picks it; with a sealed target it should say nothing. */
export const isDatabaseId = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,63}$/.test(text);

export const isLineageId = (text: string): boolean => /^[0-9a-f]{16}$/.test(text);

export const createLineageId = (): string => randomBytes(8).toString('hex');

/** Wide enough for every integer that a number holds exactly. */
const digits = (number: number): string => String(number).padStart(16, '0');
