/** Finished pages in memory: bounded in bytes, each with what it shows, gone when exactly that changes. */
import type { Answer } from './answer.ts';

export type Made = {
  /** null: there is no such page; it is not kept. */
  readonly answer: Answer | null;
  readonly tags: readonly string[];
  /** The moment from which it is no longer true; null: none is known. */
  readonly expiresAtMs: number | null;
  /** Under which it is kept; null: it is not. */
  readonly key: string | null;
};

export type PageCache = {
  find(key: string): Answer | undefined;
  /**
   * Requests for the same (by `request`, which names all that was asked for) share one making. `render` may not wait: nothing
   * can then change between what it reads and the moment from which its page is dropped by changes.
   */
  make(request: string, prepare: () => Promise<void>, render: () => Made): Promise<Answer | null>;
  /** Drops every page that shows one of them; `*` is everything. */
  drop(tags: readonly string[]): void;
  /** The answer was compressed, and takes so much more. */
  grow(key: string, answer: Answer, more: number): void;
  /** What is kept, with an estimate of what keeping it takes. */
  readonly bytes: number;
  readonly size: number;
};

export type PageCacheOptions = {
  readonly maxBytes: number;
  readonly now: () => number;
  readonly onHit?: () => void;
  readonly onMiss?: () => void;
};

type Entry = {
  readonly key: string;
  readonly answer: Answer;
  readonly tags: readonly string[];
  readonly expiresAtMs: number | null;
  bytes: number;
};

/** Objects, map entries and strings around the bytes of a page; measured with 10,000 small pages. */
const OVERHEAD_BYTES = 1_200;
const TAG_BYTES = 120;
/** A single page may not push out all others. */
const LARGEST_SHARE = 0.25;

export function createPageCache({ maxBytes, now, onHit, onMiss }: PageCacheOptions): PageCache {
  /** Oldest use first. */
  const entries = new Map<string, Entry>();
  const byTag = new Map<string, Set<Entry>>();
  const making = new Map<string, Promise<Answer | null>>();
  let bytes = 0;

  const remove = (entry: Entry): void => {
    if (entries.get(entry.key) !== entry) return;
    entries.delete(entry.key);
    bytes -= entry.bytes;
    for (const tag of entry.tags) {
      const tagged = byTag.get(tag);
      tagged?.delete(entry);
      if (tagged?.size === 0) byTag.delete(tag);
    }
  };

  const shrink = (): void => {
    for (const entry of entries.values()) {
      if (bytes <= maxBytes) return;
      remove(entry);
    }
  };

  const keep = ({ answer, tags, expiresAtMs, key }: Made): void => {
    if (answer === null || key === null) return;
    const size = answer.body.length + 2 * key.length + OVERHEAD_BYTES + tags.length * TAG_BYTES;
    if (size > maxBytes * LARGEST_SHARE || (expiresAtMs !== null && expiresAtMs <= now())) return;
    const old = entries.get(key);
    if (old !== undefined) remove(old);
    const entry: Entry = { key, answer, tags: [...new Set(tags)], expiresAtMs, bytes: size };
    entries.set(key, entry);
    bytes += size;
    for (const tag of entry.tags) {
      const tagged = byTag.get(tag);
      if (tagged === undefined) byTag.set(tag, new Set([entry]));
      else tagged.add(entry);
    }
    shrink();
  };

  return {
    find(key) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expiresAtMs !== null && entry.expiresAtMs <= now()) {
        remove(entry);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      onHit?.();
      return entry.answer;
    },
    make(request, prepare, render) {
      const present = making.get(request);
      if (present !== undefined) return present;
      onMiss?.();
      const made = prepare()
        .then(() => {
          const result = render();
          keep(result);
          return result.answer;
        })
        .finally(() => making.delete(request));
      making.set(request, made);
      return made;
    },
    drop(tags) {
      if (tags.includes('*')) for (const entry of entries.values()) remove(entry);
      for (const tag of tags) for (const entry of byTag.get(tag) ?? []) remove(entry);
    },
    grow(key, answer, more) {
      const entry = entries.get(key);
      if (entry?.answer !== answer) return;
      entry.bytes += more;
      bytes += more;
      shrink();
    },
    get bytes() {
      return bytes;
    },
    get size() {
      return entries.size;
    },
  };
}
