/** What somebody wants a record to be: a form that was understood, a file that was imported, a revision that comes back. */
import type { Status } from './content-type.ts';
import type { Value } from './field.ts';

/** Rows keep their ids where they have one; a row without is new, one that is missing goes. */
export type DraftRow = { readonly id?: number } & Readonly<Record<string, Value>>;

/** Whatever is left out stays as it is (for a new record: as the declaration's defaults say). */
export type Draft = {
  readonly slug?: string;
  readonly status?: Status;
  readonly publishAtMs?: number | null;
  readonly unpublishAtMs?: number | null;
  readonly seo?: { readonly title: string; readonly description: string; readonly image: number | null };
  readonly fields: Readonly<Record<string, Value>>;
  readonly children?: Readonly<Record<string, readonly DraftRow[]>>;
};

/** A value that cannot be taken. `field` is a path: `name`, `specs.2.value`, `slug`, `publishAt`, `seo.title`. */
export type FieldProblem = { readonly field: string; readonly message: string };

export type Checked = { readonly draft: Draft; readonly problems: readonly FieldProblem[] };
