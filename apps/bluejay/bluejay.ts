/** What the parts of the site are given: made once in `main.ts`, handed to everything that answers requests. */
import type { DatabaseSync } from 'node:sqlite';
import type { FastifyInstance } from 'fastify';
import type { Log } from '@berth/kit';
import type { Activity } from './accounts/activity.ts';
import type { Sessions } from './accounts/session.ts';
import type { AdminFrame } from './admin/admin-page.ts';
import type { Content } from './content/content.ts';
import type { Environment } from './env.ts';
import type { Media } from './media/media.ts';
import type { Instruments } from './metrics.ts';
import type { Signer } from './signing.ts';
import type { SiteFrame } from './site/site-frame.ts';

export type Bluejay = {
  readonly env: Environment;
  readonly database: DatabaseSync;
  readonly content: Content;
  readonly media: Media;
  readonly activity: Activity;
  readonly sessions: Sessions;
  readonly admin: AdminFrame;
  readonly site: SiteFrame;
  readonly instruments: Instruments;
  readonly signer: Signer;
  readonly log: Log;
  /** Milliseconds since 1970. */
  readonly now: () => number;
};

/** A part of the site: registers its routes. */
export type Routes = (server: FastifyInstance, bluejay: Bluejay) => void | Promise<void>;
