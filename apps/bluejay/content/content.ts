/** Everything the site says, as editors see it: drafts, revisions, orders. What visitors see is `ContentView`. */
import type { AnyRecord, ContentType, RecordOf, Status } from './content-type.ts';
import type { ContentView, ViewOptions } from './content-view.ts';
import type { Draft } from './draft.ts';

/** Who does something, for the activity log. null: the system itself. */
export type Actor = { readonly id: number; readonly name: string } | null;

export type ListQuery = {
  /** Words to be found in the title, the slug and the fields that are columns. */
  readonly search?: string;
  /** `scheduled`: published, but not yet. */
  readonly status?: Status | 'scheduled';
  /** Reference, choice and flag fields by their value. */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  readonly createdBy?: number;
  /** Default: that of the type. */
  readonly order?: { readonly by: string; readonly direction: 'ascending' | 'descending' };
  /** From 1. */
  readonly page?: number;
  readonly perPage?: number;
};

export type ListPage<R> = {
  readonly records: readonly R[];
  readonly total: number;
  readonly page: number;
  readonly pages: number;
};

/** The record as it was saved at a moment. Numbered from 1 in each record; never changed. */
export type Revision = {
  readonly number: number;
  readonly atMs: number;
  readonly by: { readonly id: number; readonly name: string } | null;
  /** `created`, `updated`, `published`, `unpublished`, `restored 3`. */
  readonly action: string;
};

/** Typing that was not saved yet, kept per account and record (`recordId` 0: a new one). */
export type WorkingCopy = {
  readonly type: string;
  readonly recordId: number;
  /** The version that was being edited. */
  readonly version: number;
  /** Grows with every keystroke's save in the browser that wrote it; an older one never replaces a newer. */
  readonly sequence: number;
  readonly savedAtMs: number;
  readonly draft: Draft;
};

/** What a save touched, so that exactly the pages that show it are made anew. */
export type Change = {
  readonly type: string;
  readonly id: number;
  readonly action: 'created' | 'updated' | 'deleted' | 'reordered';
  /** `product:12`, `product:*` (lists of them), `settings:*`, `media:7`, `navigation`; `*` is everything: too much was missed. */
  readonly tags: readonly string[];
};

/** Synchronous throughout: SQLite in this process. What throws are the errors of `errors.ts`; nothing is then written. */
export type Content = {
  readonly types: readonly ContentType[];
  /** By name; throws for a name that is not declared. */
  type(name: string): ContentType;

  list<T extends ContentType>(type: T, query?: ListQuery): ListPage<RecordOf<T>>;
  find<T extends ContentType>(type: T, id: number): RecordOf<T> | undefined;
  /** The one record of a singleton. */
  single<T extends ContentType>(type: T): RecordOf<T>;
  /** Defaults of the declaration: what an empty form shows. */
  blank(type: ContentType): Draft;

  create<T extends ContentType>(type: T, draft: Draft, actor: Actor): RecordOf<T>;
  /** ConflictError unless `version` is the present one. Same values: no new version, no revision. */
  update<T extends ContentType>(
    type: T,
    id: number,
    draft: Draft,
    by: {
      readonly version: number;
      readonly actor: Actor;
      /** Number of the revision that the draft is: for the log and the list of revisions. */
      readonly restored?: number;
    },
  ): RecordOf<T>;
  remove(type: ContentType, id: number, actor: Actor): void;
  /** All ids of the type in their new order. */
  reorder(type: ContentType, ids: readonly number[], actor: Actor): void;

  revisions(type: ContentType, id: number): readonly Revision[];
  /** As a draft that `update` takes: child rows included. */
  revision(type: ContentType, id: number, number: number): Draft | undefined;
  /** Records of whatever type that refer to this one, each once: for "used by" and for `restrict`. At most `limit` of each type. */
  usersOf(type: ContentType, id: number, limit?: number): readonly { readonly type: ContentType; readonly record: AnyRecord }[];
  /** Records that use a file of the media library, in a field, a child row or a rich text. At most `limit` of each type. */
  usersOfMedia(mediaId: number, limit?: number): readonly { readonly type: ContentType; readonly record: AnyRecord }[];

  workingCopy(accountId: number, type: ContentType, recordId: number): WorkingCopy | undefined;
  /** False when a newer one is there. */
  keepWorkingCopy(accountId: number, copy: Omit<WorkingCopy, 'savedAtMs'>): boolean;
  dropWorkingCopy(accountId: number, type: ContentType, recordId: number): void;

  /** What visitors see, at this moment; remembers what was read, for the cache. */
  view(options?: ViewOptions): ContentView;
  /** After every save, in the process that saved and (within one request) in every other that has the same database open. */
  onChange(listener: (change: Change) => void): void;
  /**
   * For what is no content and stands on pages all the same: menus, files (`type` `navigation`, `media`; tags likewise). Goes to the
   * listeners, and to other processes when the transaction that may be open is committed.
   */
  announce(change: Change): void;
  /** Looks whether another process saved something: one cheap question to the database. Call it before serving a page. */
  notice(): void;
};
