/** What a session tells its page, beside the change of the text. */
import type { Expiry, UserId, UserInfo, Welcome } from '../domain/messages.ts';

/**
 * - `offline`: no connection; edits are kept.
 * - `greeting`: Hello is sent.
 * - `catching-up`: the server has answered; what happened meanwhile is still to come.
 * - `live`: edits go out as they are made.
 */
export type Phase = 'offline' | 'greeting' | 'catching-up' | 'live';

export type PadEvent =
  | { readonly kind: 'phase'; readonly phase: Phase }
  /** Users and cursors were forgotten and are told anew. */
  | { readonly kind: 'welcome'; readonly welcome: Welcome }
  /** `own`: this client set it; the System announces the one that the document has. */
  | { readonly kind: 'language'; readonly language: string; readonly user: UserId; readonly name: string; readonly own: boolean }
  | { readonly kind: 'joined' | 'changed'; readonly id: number; readonly info: UserInfo }
  | { readonly kind: 'left'; readonly id: number; readonly info: UserInfo | null }
  | { readonly kind: 'cursor'; readonly id: number }
  | { readonly kind: 'otp'; readonly otp: string | null; readonly user: number; readonly name: string; readonly own: boolean }
  | { readonly kind: 'expiry'; readonly expiry: Expiry; readonly user: number; readonly name: string; readonly own: boolean }
  | { readonly kind: 'viewLink'; readonly id: string | null; readonly user: number; readonly name: string; readonly own: boolean }
  /** An edit was refused and is taken back; `lost` is what disappears from the screen with it. */
  | {
      readonly kind: 'rejected';
      readonly code: 'DOCUMENT_TOO_LARGE' | 'READ_ONLY';
      readonly message: string;
      readonly lost: string;
    }
  /** The operations meanwhile were not to be had: the texts were merged by their difference. */
  | { readonly kind: 'merged' }
  /**
   * The server has later edits of this session than this copy knows of: it was saved too early, or copied into a second tab.
   * What it had pending is most likely in the text by now, and is taken back; `lost` is what it was.
   */
  | { readonly kind: 'superseded'; readonly lost: string }
  | { readonly kind: 'pong'; readonly ping: number };
