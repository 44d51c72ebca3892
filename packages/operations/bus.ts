import type { Logger } from '@berth/host';
import type { Journal, NewEvent } from '@berth/journal';
import type { Event } from '@berth/protocol';

type Query = { since?: number; app?: string; operation?: number; follow: boolean };
const PAGE = 500;
const KEPT_EVENTS = 20_000;

/** Where everything that happens is told, and where clients listen. */
export interface Bus {
  publish(event: NewEvent): void;
  /** Told to listeners and not kept: the output of a build while it is being made. */
  mention(event: NewEvent): void;
  listen(query: Query, signal: AbortSignal): AsyncIterable<Event>;
  onEvent(listener: (event: Event) => void): Disposable;
}

export function createBus(journal: Journal, deps: { now: () => Date; log: Logger }): Bus {
  const listeners = new Set<(event: Event) => void>();
  const tell = (event: Event) => {
    for (const listener of listeners) listener(event);
  };
  const onEvent = (listener: (event: Event) => void) => {
    listeners.add(listener);
    return { [Symbol.dispose]: () => void listeners.delete(listener) };
  };
  /** What happened has happened: with a full disk it is told to whoever listens, and the log, all the same. */
  const keep = (event: NewEvent): Event => {
    try {
      const kept = journal.events.add(event);
      if (kept.seq % 1_000 === 0) journal.events.prune(KEPT_EVENTS);
      return kept;
    } catch (cause) {
      deps.log.error('event.not.kept', { name: event.name, message: (cause as Error).message });
      return passing(event);
    }
  };
  const passing = ({ name, app, operation, fields = {} }: NewEvent): Event => {
    const at = deps.now().toISOString();
    return { seq: journal.events.lastSeq(), at, name, app: app ?? null, operation: operation ?? null, fields };
  };
  return {
    publish(event) {
      tell(keep(event));
    },
    mention: (event) => tell(passing(event)),
    onEvent,
    listen: (query, signal) => listen(journal, onEvent, query, signal),
  };
}

async function* listen(journal: Journal, onEvent: Bus['onEvent'], query: Query, signal: AbortSignal): AsyncGenerator<Event> {
  const isAsked = (event: Event) =>
    (query.app === undefined || event.app === query.app) &&
    (query.operation === undefined || event.operation === query.operation);
  const isLast = (event: Event) => query.operation !== undefined && event.name === 'operation.finished';
  const fresh: Event[] = [];
  const wake = createWaker(signal);
  // Listening begins before the past is read, so that nothing falls between; what comes twice is told by its number.
  using _subscription = onEvent((event) => {
    fresh.push(event);
    wake.now();
  });
  let seen = query.since ?? (query.operation === undefined ? journal.events.lastSeq() : 0);
  for (;;) {
    const { app, operation } = query;
    const page = journal.events.list({ since: seen, ...(app && { app }), ...(operation && { operation }), limit: PAGE });
    for (const event of page) {
      yield event;
      seen = event.seq;
      if (isLast(event)) return;
    }
    if (page.length < PAGE) break;
  }
  while (query.follow && !signal.aborted) {
    for (const event of fresh.splice(0)) {
      const isTransient = event.name === 'operation.output';
      if (!isAsked(event) || (!isTransient && event.seq <= seen)) continue;
      yield event;
      if (!isTransient) seen = event.seq;
      if (isLast(event)) return;
    }
    if (fresh.length === 0) await wake.wait();
  }
}

/** One sleeper that can be woken, also when it is not asleep yet. */
function createWaker(signal: AbortSignal) {
  let resolve: (() => void) | undefined;
  let isDue = false;
  const now = () => {
    isDue = true;
    resolve?.();
  };
  signal.addEventListener('abort', now, { once: true });
  return {
    now,
    async wait() {
      if (!isDue) await new Promise<void>((done) => (resolve = done));
      resolve = undefined;
      isDue = false;
    },
  };
}
