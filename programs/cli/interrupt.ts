/** Ctrl-C for commands that only look: it ends the looking. */
export const onceInterrupted = (): Disposable & { readonly signal: AbortSignal } => {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  return {
    signal: controller.signal,
    [Symbol.dispose]: () => {
      process.off('SIGINT', stop);
      process.off('SIGTERM', stop);
    },
  };
};
