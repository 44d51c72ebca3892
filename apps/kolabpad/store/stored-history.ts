import { applyOperation, parseOperation } from '../domain/operation.ts';
import type { JournalEntry } from './store.ts';

/** A document as its rows say it: a snapshot, and a journal that begins with `baseText` at `base`. */
export type StoredHistory = {
  readonly text: string;
  readonly snapshotRevision: number;
  readonly base: number;
  readonly baseText: string;
  readonly origin: number;
  /** In order; what is wrong with them is found here. */
  readonly entries: readonly JournalEntry[];
};

export type History = StoredHistory & {
  readonly revision: number;
  /** What does not agree, in words; empty when all is well. Otherwise the rest says how the document goes on. */
  readonly problems: readonly string[];
};

/**
 * Puts snapshot and journal together. The journal is what was acknowledged, so where the two differ it wins; a snapshot
 * counts only for what the journal does not reach. Replays the whole journal, unless that would take longer than a
 * tenth of a second and `thorough` is not set: then from the snapshot on.
 */
export const readHistory = (stored: StoredHistory, { thorough = false }: { readonly thorough?: boolean } = {}): History => {
  const { entries, base, snapshotRevision } = stored;
  const last = base + entries.length;
  const contiguous = entries.every(({ revision }, index) => revision === base + 1 + index);
  if (contiguous && snapshotRevision >= base && snapshotRevision <= last && !thorough && !isCheap(stored)) {
    const tail = replay(stored.text, entries.slice(snapshotRevision - base));
    if (tail.problem === null) return { ...stored, text: tail.text, revision: last, problems: [] };
  }

  const problems: string[] = [];
  const { text, reached, atSnapshot, problem } = replayFromBase(stored);
  if (problem !== null) problems.push(problem);
  if (atSnapshot !== undefined && atSnapshot !== stored.text)
    problems.push(`the snapshot at revision ${snapshotRevision} is not what the journal makes of it`);
  if (snapshotRevision < base)
    problems.push(`the snapshot at revision ${snapshotRevision} is older than the journal's base ${base}`);
  if (snapshotRevision > last) problems.push(`the journal ends at revision ${last} and the snapshot is of ${snapshotRevision}`);
  if (problem === null && snapshotRevision <= reached) {
    // A wrong snapshot is forgotten: the text that the journal makes is the one to go on with.
    return { ...stored, text, revision: reached, snapshotRevision: problems.length === 0 ? snapshotRevision : reached, problems };
  }

  // The journal does not reach its own end, or not the snapshot: from the later of the two on, with what comes after it.
  const anchor = snapshotRevision > reached ? { revision: snapshotRevision, text: stored.text } : { revision: reached, text };
  const rest = replay(
    anchor.text,
    entries.filter(({ revision }) => revision > anchor.revision),
    anchor.revision,
  );
  const revision = Math.max(rest.reached, entries.at(-1)?.revision ?? 0, anchor.revision);
  if (rest.reached < revision) problems.push(`revisions ${rest.reached + 1} to ${revision} cannot be applied`);
  return { ...beginningAt(rest.text, revision), revision, entries: [], problems };
};

/** A document that has no operations before this revision: clients of the original see its text as one insert. */
export const beginningAt = (text: string, revision: number) => ({
  text,
  snapshotRevision: revision,
  base: revision,
  baseText: text,
  origin: text === '' ? revision : revision - 1,
});

const CHEAP_OPERATIONS = 5_000;
/** Operations times characters of text: each operation walks over the whole text. */
const CHEAP_CHARACTERS = 50_000_000;

const isCheap = ({ entries, text, baseText }: StoredHistory): boolean =>
  entries.length <= CHEAP_OPERATIONS && entries.length * Math.max(text.length, baseText.length) <= CHEAP_CHARACTERS;

const replayFromBase = (stored: StoredHistory) => {
  const { base, baseText, entries, snapshotRevision } = stored;
  const split = Math.max(0, snapshotRevision - base);
  const before = replay(baseText, entries.slice(0, split), base);
  const atSnapshot = before.reached === snapshotRevision ? before.text : undefined;
  if (before.problem !== null) return { ...before, atSnapshot };
  return { ...replay(before.text, entries.slice(split), before.reached), atSnapshot };
};

/** As far as it goes: `problem` says why no further. */
const replay = (start: string, entries: readonly JournalEntry[], from?: number) => {
  let text = start;
  let reached = from ?? (entries[0]?.revision ?? 1) - 1;
  for (const { revision, operation } of entries) {
    if (revision !== reached + 1) return { text, reached, problem: `revision ${reached + 1} is missing: ${revision} comes next` };
    try {
      text = applyOperation(text, parseOperation(JSON.parse(operation)));
    } catch (cause) {
      return { text, reached, problem: `revision ${revision} cannot be applied: ${(cause as Error).message}` };
    }
    reached = revision;
  }
  return { text, reached, problem: null };
};
