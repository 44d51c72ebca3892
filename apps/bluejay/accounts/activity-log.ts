/** The activity log in the database. Triggers keep everybody from changing what is in it. */
import type { Bluejay } from '../bluejay.ts';
import { containing } from '../store/like.ts';
import type { Activity, ActivityAction } from './activity.ts';

export type LoggedActivity = {
  readonly id: number;
  readonly atMs: number;
  /** '' for the system itself. By name: the account may be gone. */
  readonly actorName: string;
  readonly action: ActivityAction;
  readonly resource: string;
  readonly resourceId: number | null;
  readonly title: string;
  readonly description: string;
};

export type ActivityQuery = {
  readonly action?: ActivityAction | undefined;
  /** To be found in who, what and the sentence. */
  readonly text?: string | undefined;
  /** From 1. */
  readonly page: number;
};

export type ActivityLog = Activity & {
  /** The newest first, 50 on a page. A page beyond the last gives the last. */
  list(query: ActivityQuery): {
    readonly entries: readonly LoggedActivity[];
    readonly total: number;
    readonly page: number;
    readonly pages: number;
  };
};

const PER_PAGE = 50;
const TITLE_LENGTH = 300;
const DESCRIPTION_LENGTH = 1_000;

export const openActivity = ({ database, now, log }: Pick<Bluejay, 'database' | 'now' | 'log'>): ActivityLog => {
  const sql = database.createTagStore();
  return {
    record({ actor, action, resource, resourceId, title, description }) {
      try {
        void sql.run`
          INSERT INTO activity_log (at, actor, actor_name, action, resource, resource_id, title, description)
          VALUES (${now()}, ${actor?.id ?? null}, ${actor?.name ?? ''}, ${action}, ${resource}, ${resourceId},
            ${title.slice(0, TITLE_LENGTH)}, ${description.slice(0, DESCRIPTION_LENGTH)})`;
      } catch (error) {
        log.error('failed to log activity', { error, action, resource });
      }
    },
    list({ action, text = '', page }) {
      const wanted = action ?? '';
      const pattern = containing(text.trim());
      const counted = sql.get`
        SELECT count(*) AS total FROM activity_log
        WHERE (${wanted} = '' OR action = ${wanted})
          AND (title || ' ' || description || ' ' || actor_name || ' ' || resource) LIKE ${pattern} ESCAPE '\\'`;
      const total = Number(counted?.['total'] ?? 0);
      const pages = Math.max(1, Math.ceil(total / PER_PAGE));
      const shown = Math.min(Math.max(1, page), pages);
      const rows = sql.all`
        SELECT id, at, actor_name, action, resource, resource_id, title, description FROM activity_log
        WHERE (${wanted} = '' OR action = ${wanted})
          AND (title || ' ' || description || ' ' || actor_name || ' ' || resource) LIKE ${pattern} ESCAPE '\\'
        ORDER BY id DESC LIMIT ${PER_PAGE} OFFSET ${(shown - 1) * PER_PAGE}`;
      const entries = rows.map((row) => ({
        id: Number(row['id']),
        atMs: Number(row['at']),
        actorName: String(row['actor_name']),
        action: row['action'] as ActivityAction,
        resource: String(row['resource']),
        resourceId: row['resource_id'] === null ? null : Number(row['resource_id']),
        title: String(row['title']),
        description: String(row['description']),
      }));
      return { entries, total, page: shown, pages };
    },
  };
};
