/** Why a connection did not come about: a browser hides the answer to a failed upgrade, so the page asks in the open. */
import { isReadOnlyId } from '../domain/document-names.ts';
import { apiUrl } from './address.ts';
import { log } from './log.ts';

export type Access =
  /** Nobody answers, or not in a way that says anything: the server or the network is down. */
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'granted' }
  /** The document is protected, and this is not its token. */
  | { readonly kind: 'denied' }
  /** A read-only link that does not exist, or no more. */
  | { readonly kind: 'unknown-link' }
  /** Too many wrong tokens, or no room: not before so many milliseconds. */
  | { readonly kind: 'wait'; readonly reason: 'attempts' | 'room'; readonly retryMs: number };

const TIMEOUT_MS = 8_000;
const DEFAULT_WAIT_SEC = 10;

export async function findAccess(id: string, token: string | null, signal: AbortSignal): Promise<Access> {
  try {
    const response = await fetch(apiUrl(document.baseURI, `status/${encodeURIComponent(id)}`), {
      headers: { Accept: 'application/json', ...(token === null ? {} : { Authorization: `Bearer ${token}` }) },
      cache: 'no-store',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    if (response.status === 404 && isReadOnlyId(id)) return { kind: 'unknown-link' };
    if (response.status === 429 || response.status === 503) {
      const seconds = Number(response.headers.get('Retry-After') ?? DEFAULT_WAIT_SEC);
      const retryMs = (Number.isFinite(seconds) ? seconds : DEFAULT_WAIT_SEC) * 1_000;
      return { kind: 'wait', reason: response.status === 429 ? 'attempts' : 'room', retryMs };
    }
    if (!response.ok) return { kind: 'unreachable' };
    const { access } = (await response.json()) as { access?: unknown };
    return { kind: access === 'denied' ? 'denied' : 'granted' };
  } catch (cause) {
    log.info('status.unreachable', { reason: String(cause) });
    return { kind: 'unreachable' };
  }
}
