/** The content as visitors see it: nothing that is not published, not yet, or not any more. */
import type { ContentType, RecordOf } from './content-type.ts';

export type ViewOptions = {
  /** `all`: an editor's preview. One record: a signed link to a draft. Default: none. */
  readonly drafts?: 'all' | { readonly type: string; readonly id: number };
};

export type ViewQuery = {
  /** Fields by value (reference, references: contains; choice, flag). */
  readonly where?: Readonly<Record<string, string | number | boolean>>;
  /** The id of one that is left out. */
  readonly except?: number;
  /** Several, the first decides. Default: that of the type. `publishedAt` is when it appeared. */
  readonly order?: readonly { readonly by: string; readonly direction: 'ascending' | 'descending' }[];
  readonly limit?: number;
  readonly offset?: number;
};

export type SearchHit = {
  readonly type: ContentType;
  readonly id: number;
  readonly title: string;
  /** Path of its page. */
  readonly path: string;
  /** Plain text around the words that were found, with [[ and ]] around each. */
  readonly excerpt: string;
};

export type ContentView = {
  readonly isPreview: boolean;
  list<T extends ContentType>(type: T, query?: ViewQuery): readonly RecordOf<T>[];
  count(type: ContentType, query?: Pick<ViewQuery, 'where' | 'except'>): number;
  find<T extends ContentType>(type: T, id: number | null): RecordOf<T> | undefined;
  /** In the order of the ids; what is not visible is left out. */
  findAll<T extends ContentType>(type: T, ids: readonly number[]): readonly RecordOf<T>[];
  bySlug<T extends ContentType>(type: T, slug: string): RecordOf<T> | undefined;
  single<T extends ContentType>(type: T): RecordOf<T>;
  /** Where a record is shown, or undefined (no page, or what its path needs is not visible). */
  pathOf(type: ContentType, record: { readonly id: number }): string | undefined;
  /** Best first. Types by name, default all that are searchable. */
  search(
    words: string,
    options: { readonly types?: readonly string[]; readonly limit: number; readonly offset?: number },
  ): readonly SearchHit[];
  countHits(words: string, type: string): number;
  /** Where an address that no longer exists leads, for what was once there: a path, or undefined. */
  redirectFor(path: string): string | undefined;

  /** Notes that the page depends on something else: `media:7`, `navigation`. */
  dependsOn(tag: string): void;
  /** All that was read so far: `product:12`, `product:*`. */
  tags(): readonly string[];
  /** The next moment at which something that was asked for appears or vanishes by its schedule; null: none. */
  changesAtMs(): number | null;
};
