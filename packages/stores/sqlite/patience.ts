/** How long something is waited for, without ending it. */

/** Rejects with the signal’s reason as soon as it is aborted. */
export const unlessAborted = async <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return promise;
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};

export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** Resolves with the promise, or when the time is over; rejects only as the promise does. */
export const within = async (promise: Promise<void>, ms: number, sleep: Sleep): Promise<void> => {
  const over = new AbortController();
  try {
    await Promise.race([promise, sleep(ms, over.signal).catch(() => undefined)]);
  } finally {
    over.abort();
  }
};
