/** Which files are public now: exactly those that visible content shows. Followed change by change, not by reading everything. */
import type { ContentType } from '../content/content-type.ts';
import type { Content } from '../content/content.ts';
import { mediaShownBy } from './media-in-content.ts';

export type ContentWithMedia = Pick<Content, 'types' | 'view' | 'onChange' | 'announce' | 'notice' | 'usersOfMedia'>;

export type PublicationOptions = {
  readonly content: ContentWithMedia;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Names of the renditions of a file. */
  readonly namesOf: (id: number) => readonly string[];
  readonly link: (name: string) => Promise<void>;
  readonly unlink: (name: string) => Promise<void>;
  /** All names that are public at present. */
  readonly linked: () => Promise<readonly string[]>;
};

export type Publication = {
  publish(): Promise<void>;
  has(id: number): boolean;
  /** Names of the renditions that visitors can have now. */
  namesOf(id: number): readonly string[];
  /** The next moment at which something appears or vanishes by its schedule; null: none. */
  nextChangeAtMs(): number | null;
};

const MOST_ROUNDS = 100;
/** With their texts: all of a large catalogue at once would take hundreds of megabytes. */
const RECORDS_AT_ONCE = 200;

/** What visible records of a type show, and until when that holds. */
type TypeUse = { readonly records: Map<number, ReadonlySet<number>>; changesAtMs: number | null };

export const createPublication = (options: PublicationOptions): Publication => {
  const { content, now } = options;
  const uses = new Map<string, TypeUse>();
  /** How many visible records show a file. */
  const shown = new Map<number, number>();
  const linkedNames = new Map<number, readonly string[]>();
  const dirtyRecords = new Map<string, Set<number>>();
  const dirtyFiles = new Set<number>();
  let isComplete = false;
  let running = Promise.resolve();

  content.onChange(({ type, id, action }) => {
    if (action === 'reordered') return;
    // Its sizes or itself, in this process or another.
    if (type === 'media') return touch(id);
    // Too much was missed to know what changed.
    if (type === '*') for (const use of uses.values()) use.changesAtMs = 0;
    dirtyRecords.set(type, (dirtyRecords.get(type) ?? new Set()).add(id));
  });

  const touch = (id: number): void => {
    if (shown.has(id) || linkedNames.has(id)) dirtyFiles.add(id);
  };

  const count = (ids: Iterable<number>, by: 1 | -1): void => {
    for (const id of ids) {
      const times = (shown.get(id) ?? 0) + by;
      if (times > 0) shown.set(id, times);
      else shown.delete(id);
      dirtyFiles.add(id);
    }
  };

  const forget = (use: TypeUse, id: number): void => {
    const before = use.records.get(id);
    if (before === undefined) return;
    use.records.delete(id);
    count(before, -1);
  };
  const remember = (use: TypeUse, type: ContentType, record: Parameters<typeof mediaShownBy>[1]): void => {
    forget(use, record.id);
    const ids = mediaShownBy(type, record);
    if (ids.size === 0) return;
    use.records.set(record.id, ids);
    count(ids, 1);
  };

  const readType = (type: ContentType): void => {
    const view = content.view();
    const use = uses.get(type.name) ?? { records: new Map(), changesAtMs: null };
    uses.set(type.name, use);
    const present = new Set<number>();
    for (let offset = 0, isMore = true; isMore; offset += RECORDS_AT_ONCE) {
      const query = { limit: RECORDS_AT_ONCE, offset };
      const visible = type.kind === 'singleton' ? [view.single(type)] : view.list(type, query);
      for (const record of visible) {
        present.add(record.id);
        remember(use, type, record);
      }
      isMore = visible.length === RECORDS_AT_ONCE;
    }
    for (const id of [...use.records.keys()]) if (!present.has(id)) forget(use, id);
    use.changesAtMs = view.changesAtMs();
  };

  const readRecord = (type: ContentType, use: TypeUse, id: number): void => {
    const view = content.view();
    const record = view.find(type, id);
    if (record === undefined) forget(use, id);
    else remember(use, type, record);
    // A draft that was scheduled just now: its moment may come before all that were known.
    const at = view.changesAtMs();
    if (at !== null && (use.changesAtMs === null || at < use.changesAtMs)) use.changesAtMs = at;
  };

  const isDue = (use: TypeUse | undefined): boolean =>
    use === undefined || (use.changesAtMs !== null && use.changesAtMs <= now());

  const isQuiet = (): boolean =>
    isComplete && dirtyRecords.size === 0 && dirtyFiles.size === 0 && !content.types.some((type) => isDue(uses.get(type.name)));

  /** Another process may save while this one links: what it saved is looked at before we believe to be done. */
  const reconcile = async (): Promise<void> => {
    // Bounded, should a view ever speak of a change that never comes.
    for (let round = 0; round < MOST_ROUNDS && !isQuiet(); round += 1) {
      for (const type of content.types) {
        const use = uses.get(type.name);
        const records = dirtyRecords.get(type.name);
        dirtyRecords.delete(type.name);
        if (use === undefined || isDue(use) || type.kind === 'singleton') {
          if (use === undefined || isDue(use) || records !== undefined) readType(type);
        } else for (const id of records ?? []) readRecord(type, use, id);
      }
      dirtyRecords.clear();
      await (isComplete ? applyChanges() : applyAll());
      content.notice();
    }
  };

  const applyChanges = async (): Promise<void> => {
    for (const id of [...dirtyFiles]) {
      dirtyFiles.delete(id);
      try {
        await applyFile(id);
      } catch (error) {
        dirtyFiles.add(id);
        throw error;
      }
    }
  };

  const applyFile = async (id: number): Promise<void> => {
    const before = linkedNames.get(id) ?? [];
    const wanted = shown.has(id) ? options.namesOf(id) : [];
    for (const name of wanted) if (!before.includes(name)) await options.link(name);
    if (shown.has(id)) linkedNames.set(id, wanted);
    else linkedNames.delete(id);
    for (const name of before) if (!wanted.includes(name)) await options.unlink(name);
  };

  /** Once, after a start: whatever lies there and should not goes, too. */
  const applyAll = async (): Promise<void> => {
    await applyChanges();
    const wanted = new Set([...linkedNames.values()].flat());
    for (const name of await options.linked()) if (!wanted.has(name)) await options.unlink(name);
    isComplete = true;
  };

  return {
    async publish() {
      if (isQuiet()) return await running;
      const after = running.then(reconcile);
      // A failure is told to whoever waited for it; the next one tries again.
      running = after.catch(() => undefined);
      await after;
    },
    has: (id) => linkedNames.has(id),
    namesOf: (id) => linkedNames.get(id) ?? [],
    nextChangeAtMs: () => {
      const moments = [...uses.values()].flatMap(({ changesAtMs }) => changesAtMs ?? []);
      return moments.length === 0 ? null : Math.min(...moments);
    },
  };
};
