/** A kind of content, declared once: everything else about it is derived. A new one is one file in `types/`. */
import type { Field, PlainField, ValueOf } from './field.ts';

/** Rows that belong to one record, in an order: specifications of a product, milestones of a story. Saved and restored with it. */
export type ChildList = {
  readonly label: string;
  readonly one: string;
  readonly fields: Readonly<Record<string, PlainField>>;
  /** The field that names a row in lists and differences. */
  readonly title: string;
  /** At most so many rows; default DEFAULT_MOST_ROWS. */
  readonly max?: number;
};

/** As many rows as a list may have that says nothing about it. */
export const DEFAULT_MOST_ROWS = 200;

export type Order = {
  /** A field, or `position` (sorted by hand), `publishedAt`, `updatedAt`. */
  readonly by: string;
  readonly direction: 'ascending' | 'descending';
};

export type ContentType = {
  /** Kebab case, one of them: `blog-post`. Names it in addresses of the API, tags of the cache, revisions, exports. */
  readonly name: string;
  readonly table: string;
  readonly label: { readonly one: string; readonly many: string };
  /** `collection`: as many as wanted. `singleton`: there is one, always. `fixed`: those of `seeds`, edited but never made or deleted. */
  readonly kind: 'collection' | 'singleton' | 'fixed';
  /** Where it stands in the panel: /admin/<path>, under a group of the sidebar. `perPage` default 15. */
  readonly admin: {
    readonly path: string;
    readonly group: 'website' | 'content' | 'admin';
    /** One sentence below the heading of the list. */
    readonly intro?: string;
    readonly perPage?: number;
    /** Other than those who may edit content: `settings` needs the permission to change settings. */
    readonly permission?: 'content' | 'settings';
  };
  readonly fields: Readonly<Record<string, Field>>;
  /** The field that names a record. */
  readonly title: string;
  readonly children?: Readonly<Record<string, ChildList>>;
  /**
   * `publication`: draft, published or archived, with moments to appear and to vanish.
   * `always`: visible as soon as it is saved.
   */
  readonly lifecycle: 'publication' | 'always';
  readonly order: Order;
  /** It has a slug, made from this field when it is new, and never changed by itself afterwards. */
  readonly slug?: { readonly from: string };
  /** Where it is shown: `/products/:category/:slug`; `:slug` its own, `:field` the slug of what a reference field names. */
  readonly page?: string;
  /** Title, description and picture for search engines and previews of links, as an own section of the form. */
  readonly seo?: true;
  /** Found by the site's search: the fields that are read, the heading first. */
  readonly search?: { readonly title: string; readonly body: readonly string[] };
  readonly sitemap?: { readonly priority: number; readonly changes: 'daily' | 'weekly' | 'monthly' };
  /** First rows of a new database, by field; for `fixed` all that there are. */
  readonly seeds?: readonly Readonly<Record<string, unknown>>[];
};

/** Gives the declaration back, with its own exact type. Whether it makes sense is checked by `checkContentTypes`. */
export const defineContentType = <const T extends ContentType>(type: T): T => type;

export type Status = 'draft' | 'published' | 'archived';

/** What every record has besides its declared fields. Moments are milliseconds since 1970. */
export type RecordFacts = {
  readonly id: number;
  /** Grows by one with every save; who saves says which one he edited. */
  readonly version: number;
  /** '' where the type has none. */
  readonly slug: string;
  /** Types of lifecycle `always` are `published`. */
  readonly status: Status;
  /** Set when it is published; in the future for what is scheduled. */
  readonly publishAtMs: number | null;
  readonly unpublishAtMs: number | null;
  readonly position: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Who made it: an account's id. */
  readonly createdBy: number | null;
  readonly seo: { readonly title: string; readonly description: string; readonly image: number | null };
};

export type FieldValues<F extends Readonly<Record<string, Field>>> = { readonly [K in keyof F]: ValueOf<F[K]> };

type ChildRows<C> =
  C extends Readonly<Record<string, ChildList>>
    ? { readonly [K in keyof C]: readonly ({ readonly id: number } & FieldValues<C[K]['fields']>)[] }
    : Readonly<Record<never, never>>;

/** A record as its declaration types it: `record.fields.name`, `record.children.specs[0].value`. */
export type RecordOf<T extends ContentType> = RecordFacts & {
  readonly fields: FieldValues<T['fields']>;
  readonly children: T extends { readonly children: infer C } ? ChildRows<C> : Readonly<Record<never, never>>;
};

/** A record of whatever type, for what works with all of them. */
export type AnyRecord = RecordFacts & {
  readonly fields: Readonly<Record<string, import('./field.ts').Value>>;
  readonly children: Readonly<Record<string, readonly ChildRow[]>>;
};

export type ChildRow = { readonly id: number } & Readonly<Record<string, import('./field.ts').Value>>;
