/** When typing is kept and in which order. Knows no page: what it does is given to it. */

/** `signedOut`: nobody is logged in any more. `offline`: nothing came back. */
export type Kept =
  | { readonly outcome: 'kept'; readonly savedAt: string; readonly version: number }
  | { readonly outcome: 'signedOut' | 'offline' | 'refused' };

export type AutosaveRuleOptions = {
  /** The last one that the server knows. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly send: (sequence: number) => Promise<Kept>;
  /** Gives back what calls it off. */
  readonly later: (run: () => void, delayMs: number) => () => void;
  readonly show: (kept: Kept) => void;
};

export type AutosaveRule = {
  /** Something in the form changed. */
  typed(): void;
  /** Keeps at once what is not kept yet; resolves with what became of the newest typing. Never rejects. */
  flush(): Promise<Kept | undefined>;
  /** Nothing is sent from now on. */
  stop(): void;
};

/** After the last keystroke. */
const QUIET_MS = 3_000;
const RETRY_MS = 15_000;

/**
 * One request at a time, each with a larger sequence than any before it, also of other windows and earlier days: whatever comes
 * late to the server is older than what is there. What was typed while one was on its way is sent after it.
 */
export const createAutosaveRule = ({ sequence, now, send, later, show }: AutosaveRuleOptions): AutosaveRule => {
  let last = sequence;
  let isWaiting = false;
  let isStopped = false;
  let answer: Kept | undefined;
  let sending: Promise<Kept | undefined> | undefined;
  let callOff = (): void => undefined;

  const schedule = (delayMs: number): void => {
    callOff();
    callOff = later(() => void flush(), delayMs);
  };
  const sendAll = async (): Promise<Kept | undefined> => {
    while (isWaiting && !isStopped) {
      isWaiting = false;
      last = Math.max(last + 1, now());
      answer = await send(last);
      show(answer);
      if (answer.outcome === 'kept') continue;
      // Not kept: it is still waiting, and with it whatever is typed until then.
      isWaiting = true;
      if (answer.outcome === 'offline' && !isStopped) schedule(RETRY_MS);
      break;
    }
    return answer;
  };
  const flush = (): Promise<Kept | undefined> => {
    callOff();
    sending ??= sendAll().finally(() => {
      sending = undefined;
    });
    return sending;
  };
  return {
    typed() {
      isWaiting = true;
      if (!isStopped) schedule(QUIET_MS);
    },
    flush,
    stop() {
      isStopped = true;
      callOff();
    },
  };
};
