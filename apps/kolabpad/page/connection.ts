/**
 * The line to the server: opens it, keeps watch over it, opens it again. Knows sockets and clocks, and nothing of what
 * travels over them but the question for a sign of life.
 */
import { CLOSE, SUBPROTOCOL, TOKEN_SUBPROTOCOL_PREFIX } from '../domain/messages.ts';
import { type Access, findAccess } from './access.ts';
import { socketUrl } from './address.ts';
import { reconnectDelayMs } from './backoff.ts';
import { createLiveness, type Liveness, LOOK_MS } from './liveness.ts';
import { log } from './log.ts';

/** Why there will be no other attempt by itself. */
export type Ending = 'deleted' | 'revoked' | 'replaced' | 'refused-token' | 'unknown-link' | 'unacceptable';

export type ConnectionEvents = {
  opened(): void;
  frame(text: string): void;
  /** The open connection is gone; another attempt follows by itself unless `ended` does. */
  lost(code: number): void;
  /** An attempt failed; `retryMs` from now is the next. */
  failed(access: Access, retryMs: number): void;
  ended(why: Ending): void;
};

export type ConnectionOptions = {
  readonly id: string;
  /** The token as it is now: it may change while the page is open. */
  token(): string | null;
  readonly events: ConnectionEvents;
};

export interface Connection {
  readonly isOpen: boolean;
  send(frame: string): void;
  /** What came over it cannot be: hangs up and begins again. */
  reset(): void;
  /** Tries again at once after an ending or during a wait. */
  retry(): void;
  close(): void;
}

/** Shorter than this, a connection was no success: the server took it and then would not have what it was sent. */
const HELD_MS = 5_000;
const MAX_SHORT_CONNECTIONS = 5;
const OPEN_TIMEOUT_MS = 10_000;
/** Base64url, as the server makes them. */
const TOKEN = /^[\w-]+$/;
/** RFC 6455 §7.4.1; a page may not send it, and says it to itself. */
const PROTOCOL_ERROR = 1002;

const ENDINGS: Readonly<Record<number, Ending>> = {
  [CLOSE.deleted]: 'deleted',
  [CLOSE.revoked]: 'revoked',
  [CLOSE.replaced]: 'replaced',
};
/** With these the server says that it could not take what was sent. */
const REFUSALS: readonly number[] = [PROTOCOL_ERROR, CLOSE.normal, CLOSE.invalidData, CLOSE.policy, CLOSE.tooLarge];

export function openConnection({ id, token, events }: ConnectionOptions): Connection {
  let socket: WebSocket | null = null;
  let liveness: Liveness | null = null;
  let openedAt = 0;
  let attempt = 0;
  let refusals = 0;
  let asked = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let openTimer: ReturnType<typeof setTimeout> | undefined;
  const closing = new AbortController();
  const { signal } = closing;

  const isOpen = (): boolean => socket?.readyState === WebSocket.OPEN;

  const drop = (): void => {
    clearTimeout(openTimer);
    clearTimeout(retryTimer);
    retryTimer = undefined;
    const old = socket;
    socket = null;
    liveness = null;
    // A dead link would keep a close waiting for its answer; nothing of the old socket is listened to any more.
    old?.close();
  };

  const open = (): void => {
    drop();
    const current = token();
    if (current !== null && !TOKEN.test(current)) {
      // Not one of the server's, and nothing that can travel as a subprotocol.
      queueMicrotask(() => signal.aborted || events.ended('refused-token'));
      return;
    }
    const protocols = current === null ? [SUBPROTOCOL] : [SUBPROTOCOL, `${TOKEN_SUBPROTOCOL_PREFIX}${current}`];
    const opening = new WebSocket(socketUrl(document.baseURI, id), protocols);
    socket = opening;
    let wasOpen = false;
    opening.addEventListener('open', () => {
      if (socket !== opening) return;
      clearTimeout(openTimer);
      wasOpen = true;
      openedAt = Date.now();
      liveness = createLiveness(openedAt);
      log.info('connection.opened', { attempt });
      events.opened();
    });
    opening.addEventListener('message', ({ data }) => {
      if (socket !== opening || typeof data !== 'string') return;
      liveness?.heard(Date.now());
      events.frame(data);
    });
    opening.addEventListener('close', ({ code }) => {
      if (socket === opening) down(wasOpen, code);
    });
    openTimer = setTimeout(() => socket === opening && down(false, 1006), OPEN_TIMEOUT_MS);
  };

  const down = (wasOpen: boolean, code: number): void => {
    drop();
    log.info('connection.lost', { code, wasOpen });
    if (!wasOpen) {
      void failed();
      return;
    }
    const held = Date.now() - openedAt >= HELD_MS;
    if (held) {
      attempt = 0;
      refusals = 0;
    } else if (REFUSALS.includes(code)) refusals += 1;
    events.lost(code);
    const ending = ENDINGS[code] ?? (refusals >= MAX_SHORT_CONNECTIONS ? 'unacceptable' : undefined);
    if (ending !== undefined) events.ended(ending);
    else retryIn(reconnectDelayMs({ attempt: held ? 0 : attempt++, code, random: Math.random() }));
  };

  const failed = async (): Promise<void> => {
    const access = await findAccess(id, token(), signal);
    if (signal.aborted || socket !== null) return;
    if (access.kind === 'denied') events.ended('refused-token');
    else if (access.kind === 'unknown-link') events.ended('unknown-link');
    else {
      const backoff = reconnectDelayMs({ attempt: attempt++, code: 1006, random: Math.random() });
      const delay = access.kind === 'wait' ? Math.max(backoff, access.retryMs) : backoff;
      retryIn(delay);
      events.failed(access, delay);
    }
  };

  const retryIn = (delayMs: number): void => {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, delayMs);
  };

  const doubt = (): void => {
    if (isOpen()) liveness?.doubt(Date.now());
    else if (retryTimer !== undefined && socket === null) open();
  };
  const ticker = setInterval(() => {
    const verdict = isOpen() ? liveness?.look(Date.now()) : undefined;
    if (verdict === 'ask') socket?.send(JSON.stringify({ Ping: ++asked }));
    else if (verdict === 'dead') down(true, 1006);
  }, LOOK_MS);
  addEventListener('online', doubt, { signal });
  addEventListener('offline', doubt, { signal });
  addEventListener('pageshow', doubt, { signal });
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && doubt(), { signal });
  open();

  return {
    get isOpen() {
      return isOpen();
    },
    send(frame) {
      if (isOpen()) socket?.send(frame);
    },
    reset: () => down(true, PROTOCOL_ERROR),
    retry() {
      attempt = 0;
      refusals = 0;
      open();
    },
    close() {
      closing.abort();
      clearInterval(ticker);
      drop();
    },
  };
}
