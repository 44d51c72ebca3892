/** The frame of every screen of the panel. */
import type { FastifyReply } from 'fastify';
import type { Session } from '../accounts/session.ts';
import type { Html } from '../html/html.ts';

export type AdminScreen = {
  readonly title: string;
  readonly session: Session;
  /** The path of the entry of the sidebar that is marked: `/admin/products`. */
  readonly section: string;
  readonly body: Html;
  /** Shown once, at the top: “Saved.” */
  readonly notice?: { readonly kind: 'success' | 'error'; readonly text: string } | undefined;
  /** Right of the heading: buttons. */
  readonly actions?: Html;
  readonly status?: number;
};

/** What areas of the panel get to answer with. */
export type AdminFrame = {
  send(reply: FastifyReply, screen: AdminScreen): FastifyReply;
  /** <input type="hidden" name="_csrf" …>, for every form. */
  csrfInput(session: Session): Html;
};
