/** What was done in the panel, by whom: written with what it tells of, never changed afterwards. */
import type { Actor } from '../content/content.ts';

export type ActivityAction =
  | 'created'
  | 'updated'
  | 'deleted'
  | 'published'
  | 'unpublished'
  | 'restored'
  | 'exported'
  | 'login'
  | 'logout'
  | 'login_failed';

export type ActivityEntry = {
  readonly actor: Actor;
  readonly action: ActivityAction;
  /** `product`, `media`, `account`, `navigation`, `lead`… */
  readonly resource: string;
  readonly resourceId: number | null;
  readonly title: string;
  /** A sentence: “Published the product “X-200””. */
  readonly description: string;
};

/** A failure to write it never fails what it tells of: it is logged (`failed to log activity`). */
export type Activity = { record(entry: ActivityEntry): void };
