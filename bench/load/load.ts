import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Response } from './response-reader.ts';
import { type Endpoint, KeepAliveClient, RequestFailed } from './connection.ts';
import { Histogram, type LatencySummary } from './histogram.ts';
import { type Ending, WebSocketClient } from './websocket-client.ts';

export type LoadShape = {
  /** Keep-alive connections that are never idle for long. */
  readonly busy: number;
  /** Requests per second of all busy connections together; 0 sends the next as soon as the last is answered. */
  readonly busyPerSecond: number;
  /** Keep-alive clients that think 1.5 to 2.5 s between requests: they meet connections that were closed meanwhile. */
  readonly thinking: number;
  /** Clients that POST a body and compare the digest that comes back. */
  readonly posting: number;
  readonly postBytes: number;
  /** Clients with one request of `slowMs` after another. */
  readonly slow: number;
  readonly slowMs: number;
  readonly webSockets: number;
};

export const kinds = ['busy', 'thinking', 'posting', 'slow', 'webSocket'] as const;
export type Kind = (typeof kinds)[number];

export type Failure = { readonly at: string; readonly kind: Kind; readonly reason: string };

export type LoadReport = {
  readonly startedAt: string;
  readonly seconds: number;
  readonly requests: number;
  readonly failed: number;
  /** By kind and reason, all of them. */
  readonly reasons: Readonly<Record<string, number>>;
  /** The first thousand, with their times. */
  readonly failures: readonly Failure[];
  /** Time to the whole response, for `slow` beyond the time asked for. Failed requests are not in it. */
  readonly latencyMs: Readonly<Record<Exclude<Kind, 'webSocket'> | 'all', LatencySummary>>;
  /** Idle keep-alive connections that the server closed and the client replaced: allowed, told for information. */
  readonly reconnects: number;
  readonly webSockets: {
    readonly opened: number;
    /** Told to leave with 1001 or 1012 and connected again at once. */
    readonly moved: number;
    readonly messages: number;
    /** Texts under way when a WebSocket was told to leave; a client sends them again. */
    readonly interrupted: number;
  };
};

/** `requests` and `failed` so far, for a progress line. */
export type Progress = {
  readonly requests: number;
  readonly failed: number;
  readonly worstMs: number;
  readonly webSocketsOpen: number;
  readonly webSocketsMoved: number;
};

const REQUEST_MS = 90_000;
const KEPT_FAILURES = 1000;
/** After a failure, so that a server that refuses everything is not asked ten thousand times a second. */
const AFTER_FAILURE_MS = 100;
const GOING_AWAY = [1001, 1012];

/** Runs from `start` until `stop`, which waits for what is outstanding. */
export class Load {
  readonly #endpoint: Endpoint;
  readonly #shape: LoadShape;
  readonly #stopping = new AbortController();
  readonly #latency = {
    all: new Histogram(),
    busy: new Histogram(),
    thinking: new Histogram(),
    posting: new Histogram(),
    slow: new Histogram(),
  };
  readonly #failures: Failure[] = [];
  readonly #reasons = new Map<string, number>();
  readonly #clients: KeepAliveClient[] = [];
  readonly #startedAt = new Date();
  #running: Promise<unknown> = Promise.resolve();
  #requests = 0;
  #failed = 0;
  #webSocketsOpen = 0;
  readonly #webSockets = { opened: 0, moved: 0, messages: 0, interrupted: 0 };

  constructor(endpoint: Endpoint, shape: LoadShape) {
    this.#endpoint = endpoint;
    this.#shape = shape;
  }

  start(): void {
    const { busy, busyPerSecond, thinking, posting, slow, slowMs, webSockets } = this.#shape;
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${this.#hostHeader()}\r\n\r\n`;
    const page = get('/');
    const slowly = get(`/slow?ms=${slowMs}`);
    const pauseMs = busyPerSecond === 0 ? 0 : (busy * 1000) / busyPerSecond;
    this.#running = Promise.all([
      ...times(busy, () => this.#client('busy', () => ({ bytes: page, isRight: isPage }), { everyMs: pauseMs })),
      ...times(thinking, () => this.#client('thinking', () => ({ bytes: page, isRight: isPage }), { thinkMs: [1500, 2500] })),
      ...times(posting, () => this.#client('posting', () => this.#post(), { thinkMs: [100, 300] })),
      ...times(slow, () =>
        this.#client('slow', () => ({ bytes: slowly, isRight: (r) => r.body.toString() === 'slow\n' }), { lessMs: slowMs }),
      ),
      ...times(webSockets, (index) => this.#webSocket(index)),
    ]);
  }

  async stop(): Promise<LoadReport> {
    this.#stopping.abort();
    await this.#running;
    for (const client of this.#clients) client.close();
    return this.#report();
  }

  progress(): Progress {
    return {
      requests: this.#requests,
      failed: this.#failed,
      worstMs: this.#latency.all.summary().worst,
      webSocketsOpen: this.#webSocketsOpen,
      webSocketsMoved: this.#webSockets.moved,
    };
  }

  #hostHeader(): string {
    return `${this.#endpoint.host}:${this.#endpoint.port}`;
  }

  #post(): { bytes: Buffer; isRight: (response: Response) => boolean } {
    const body = randomBytes(this.#shape.postBytes);
    const digest = createHash('sha256').update(body).digest('hex');
    const head = `POST /digest HTTP/1.1\r\nHost: ${this.#hostHeader()}\r\nContent-Length: ${body.length}\r\n\r\n`;
    return { bytes: Buffer.concat([Buffer.from(head), body]), isRight: (response) => response.body.toString() === digest };
  }

  async #client(
    kind: Exclude<Kind, 'webSocket'>,
    next: () => { bytes: Buffer | string; isRight: (response: Response) => boolean },
    pace: { everyMs?: number; thinkMs?: readonly [number, number]; lessMs?: number },
  ): Promise<void> {
    const client = new KeepAliveClient(this.#endpoint);
    this.#clients.push(client);
    // Spread over one period, so that all clients do not ask at the same moment.
    await this.#pause(Math.random() * (pace.thinkMs?.[1] ?? pace.everyMs ?? 0));
    while (!this.#stopping.signal.aborted) {
      const { bytes, isRight } = next();
      const startedMs = performance.now();
      this.#requests += 1;
      try {
        const response = await client.send(bytes, REQUEST_MS);
        const tookMs = performance.now() - startedMs - (pace.lessMs ?? 0);
        if (response.status < 200 || response.status > 299) throw new RequestFailed(`status ${response.status}`);
        if (!isRight(response)) throw new RequestFailed('wrong body');
        this.#latency[kind].add(tookMs);
        this.#latency.all.add(tookMs);
      } catch (failure) {
        this.#record(kind, failure);
        await this.#pause(AFTER_FAILURE_MS);
      }
      if (pace.thinkMs) await this.#pause(pace.thinkMs[0] + Math.random() * (pace.thinkMs[1] - pace.thinkMs[0]));
      else if (pace.everyMs) await this.#pause(pace.everyMs - (performance.now() - startedMs));
    }
  }

  async #webSocket(index: number): Promise<void> {
    let sent = 0;
    await this.#pause(index * 10);
    while (!this.#stopping.signal.aborted) {
      try {
        const socket = await WebSocketClient.open(this.#endpoint, '/live');
        this.#webSockets.opened += 1;
        this.#webSocketsOpen += 1;
        const chatting = this.#chat(socket, () => `${index}:${sent++}`);
        const ending = await Promise.race([socket.ended, chatting]);
        this.#webSocketsOpen -= 1;
        socket.close();
        if (ending === null) return;
        if (!GOING_AWAY.includes(ending.code)) throw new RequestFailed(ending.reason);
        this.#webSockets.moved += 1;
      } catch (failure) {
        this.#record('webSocket', failure);
        await this.#pause(AFTER_FAILURE_MS);
      }
    }
  }

  /** Sends a text every second or so; null when the load stops. */
  async #chat(socket: WebSocketClient, nextText: () => string): Promise<Ending | null> {
    while (!this.#stopping.signal.aborted) {
      const text = nextText();
      try {
        const echo = await socket.exchange(text, 10_000);
        if (echo !== text) throw new RequestFailed('message: wrong echo');
        this.#webSockets.messages += 1;
      } catch (failure) {
        const ending = await Promise.race([socket.ended, sleep(1000, null)]);
        if (ending === null) throw failure;
        if (GOING_AWAY.includes(ending.code)) this.#webSockets.interrupted += 1;
        return ending;
      }
      await this.#pause(700 + Math.random() * 600);
    }
    return null;
  }

  #record(kind: Kind, failure: unknown): void {
    if (!(failure instanceof RequestFailed)) throw failure;
    this.#failed += 1;
    const key = `${kind}: ${failure.reason}`;
    this.#reasons.set(key, (this.#reasons.get(key) ?? 0) + 1);
    if (this.#failures.length < KEPT_FAILURES)
      this.#failures.push({ at: new Date().toISOString(), kind, reason: failure.reason });
  }

  /** Ends early when the load stops. */
  async #pause(ms: number): Promise<void> {
    if (ms <= 0 || this.#stopping.signal.aborted) return;
    await sleep(ms, undefined, { signal: this.#stopping.signal }).catch((cause: Error) => {
      if (cause.name !== 'AbortError') throw cause;
    });
  }

  #report(): LoadReport {
    const { all, busy, thinking, posting, slow } = this.#latency;
    return {
      startedAt: this.#startedAt.toISOString(),
      seconds: Math.round((Date.now() - this.#startedAt.getTime()) / 100) / 10,
      requests: this.#requests,
      failed: this.#failed,
      reasons: Object.fromEntries(this.#reasons),
      failures: this.#failures,
      latencyMs: {
        all: all.summary(),
        busy: busy.summary(),
        thinking: thinking.summary(),
        posting: posting.summary(),
        slow: slow.summary(),
      },
      reconnects: this.#clients.reduce((sum, client) => sum + Math.max(0, client.reconnects), 0),
      webSockets: this.#webSockets,
    };
  }
}

const PAGE_BYTES = 1024;
const isPage = (response: Response): boolean => response.body.length === PAGE_BYTES && response.body[0] === 0x78;

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
