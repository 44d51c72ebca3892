/**
 * The numbers of the edge. Times are what a request, a connection or an operator will notice, so each says why.
 */
export type EdgeLimits = {
  /** Client connections at once; lowered when the file descriptor limit is too small (two per connection). */
  readonly maxConnections: number;
  /** Largest request body of routes without a limit of their own; told by Content-Length only. */
  readonly maxBodyBytes: number;
  /** To an instance on loopback: longer means that its accept queue is full. */
  readonly connectMs: number;
  /** A client that sends nothing, or takes nothing, in the middle of a request. */
  readonly clientMs: number;
  /** An instance that is silent in the middle of a request; routes may set their own. */
  readonly serverMs: number;
  /** An open WebSocket on which nobody says anything. */
  readonly tunnelMs: number;
  /** From the first byte of a request to the end of its headers. */
  readonly requestMs: number;
  /**
   * An idle keep-alive connection. Short, because after a reload the old worker lives until its idle clients have left,
   * and an instance may only be stopped then.
   */
  readonly keepAliveMs: number;
  /** Tries to connect after the first, a second apart on the same instance: outlasts a restart. */
  readonly retries: number;
  /** Workers of earlier configurations that may live on for their WebSockets; beyond, the oldest is ended. */
  readonly oldWorkers: number;
  /** The access log is cut at this size; one earlier file is kept. */
  readonly accessLogBytes: number;
  /** How long requests may finish when the edge is stopped. */
  readonly stopMs: number;
};

export const defaultLimits: EdgeLimits = {
  maxConnections: 20_000,
  maxBodyBytes: 100 * 1024 * 1024,
  connectMs: 3_000,
  clientMs: 30_000,
  serverMs: 60_000,
  tunnelMs: 3_600_000,
  requestMs: 10_000,
  keepAliveMs: 5_000,
  retries: 20,
  oldWorkers: 5,
  accessLogBytes: 64 * 1024 * 1024,
  stopMs: 5_000,
};
