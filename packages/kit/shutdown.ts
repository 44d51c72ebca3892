/** The end of the process: steps in order, a deadline for all of them, and an exit code that says how it went. */
import type { EventEmitter } from 'node:events';
import { type Clock, systemClock } from './clock.ts';
import type { Log } from './log.ts';

/** Aborts at the deadline: what is not finished by then is abandoned. */
export type ShutdownStep = (signal: AbortSignal) => void | Promise<void>;

export type Shutdown = {
  /** Steps of a lower order come first, those of the same order at once. One may be added while others run. */
  add(name: string, order: number, step: ShutdownStep): void;
  /** Starts at SIGTERM and SIGINT; a second signal exits at once. Dispose to stop listening. */
  listen(process: EventEmitter): Disposable;
  /** Logs `uncaught_error` and shuts down with exit code 70 when nobody caught an error. Dispose to stop guarding. */
  guard(process: EventEmitter): Disposable;
  /** Runs once: whoever asks again waits for the same end. Resolves when `exit` was called. */
  run(reason: string, exitCode?: number): Promise<void>;
  /** Aborts when the shutdown begins: what a readiness check or a new request looks at. */
  readonly signal: AbortSignal;
};

export type ShutdownOptions = {
  readonly log: Pick<Log, 'info' | 'error' | 'flush'>;
  /** For all steps together. Choose it shorter than the time after which the supervisor kills. */
  readonly deadlineMs: number;
  /** `process.exit`. */
  readonly exit: (code: number) => void;
  readonly clock?: Clock;
};

/** 128 and the signal's number, as a shell reports it. */
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/** EX_SOFTWARE of sysexits.h. */
const EXIT_UNCAUGHT = 70;

/** Exits with 0, with 1 when a step failed or the deadline passed, with 70 after an uncaught error. */
export const createShutdown = ({ log, deadlineMs, exit, clock = systemClock }: ShutdownOptions): Shutdown => {
  const waiting: { readonly name: string; readonly order: number; readonly step: ShutdownStep }[] = [];
  const unfinished = new Set<string>();
  const begun = new AbortController();
  const deadline = new AbortController();
  let failures = 0;
  let ending: Promise<void> | undefined;

  const finish = (code: number): void => {
    log.flush();
    exit(code);
  };

  const runStep = async (name: string, step: ShutdownStep): Promise<void> => {
    unfinished.add(name);
    try {
      await step(deadline.signal);
    } catch (error) {
      failures += 1;
      log.error('shutdown_step_failed', { step: name, error });
    }
    unfinished.delete(name);
  };

  const runAll = async (): Promise<void> => {
    while (waiting.length > 0 && !deadline.signal.aborted) {
      const order = Math.min(...waiting.map((entry) => entry.order));
      const now = waiting.filter((entry) => entry.order === order);
      for (const entry of now) waiting.splice(waiting.indexOf(entry), 1);
      await Promise.all(now.map(({ name, step }) => runStep(name, step)));
    }
  };

  const end = async (reason: string, exitCode: number): Promise<void> => {
    const startedMs = clock.now().getTime();
    log.info('shutdown_started', { reason });
    begun.abort(new Error(`shutting down: ${reason}`));
    const done = new AbortController();
    const inTime = await Promise.race([
      runAll().then(() => true),
      clock.sleep(deadlineMs, done.signal).then(
        () => false,
        () => true,
      ),
    ]);
    done.abort();
    const durationMs = clock.now().getTime() - startedMs;
    if (inTime) log.info('shutdown_finished', { durationMs, failures });
    else {
      const names = [...unfinished, ...waiting.map(({ name }) => name)];
      log.error('shutdown_deadline_exceeded', { deadlineMs, unfinished: names });
      deadline.abort(new Error(`the shutdown's deadline of ${deadlineMs} ms has passed`));
    }
    const clean = inTime && failures === 0;
    finish(exitCode === 0 && !clean ? 1 : exitCode);
  };

  const run = (reason: string, exitCode = 0): Promise<void> => {
    if (ending !== undefined) return ending;
    // Set before the first step runs: one that fails loudly at once would begin a second shutdown.
    const { promise, resolve } = Promise.withResolvers<void>();
    ending = promise;
    resolve(end(reason, exitCode));
    return promise;
  };

  return {
    add: (name, order, step) => {
      waiting.push({ name, order, step });
    },
    run,
    signal: begun.signal,
    listen(target) {
      const onSignal = (signal: keyof typeof EXIT_CODES) => (): void => {
        if (ending === undefined) {
          void run(signal);
          return;
        }
        log.error('shutdown_forced', { signal, unfinished: [...unfinished] });
        finish(EXIT_CODES[signal]);
      };
      return listening(target, { SIGTERM: onSignal('SIGTERM'), SIGINT: onSignal('SIGINT') });
    },
    guard(target) {
      const onError =
        (event: string) =>
        (error: unknown): void => {
          log.error('uncaught_error', { event, error });
          void run('uncaught_error', EXIT_UNCAUGHT);
        };
      return listening(target, {
        uncaughtException: onError('uncaughtException'),
        unhandledRejection: onError('unhandledRejection'),
      });
    },
  };
};

const listening = (target: EventEmitter, listeners: Readonly<Record<string, (argument: unknown) => void>>): Disposable => {
  for (const [event, listener] of Object.entries(listeners)) target.on(event, listener);
  return {
    [Symbol.dispose]() {
      for (const [event, listener] of Object.entries(listeners)) target.off(event, listener);
    },
  };
};
