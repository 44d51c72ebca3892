/** What the operator decides about live documents; `env.ts` fills it in. Sizes in bytes, times in milliseconds. */
export type LiveSettings = {
  readonly maxDocumentBytes: number;
  /** Without a message or a pong for so long, a connection is closed. */
  readonly readTimeoutMs: number;
  /** A connection that takes nothing for so long is closed. */
  readonly writeTimeoutMs: number;
  /** Between pings; 0 for none. */
  readonly heartbeatMs: number;
  /** Messages about users and cursors that wait for one slow connection; beyond, it gets all of them anew when it is back. */
  readonly metadataQueue: number;
  readonly defaultExpiryHours: number;
  readonly cleanupIntervalMs: number;
  /** Without a connection for so long, a document leaves the memory. */
  readonly evictAfterMs: number;
  /** The longest that an edit waits to share a commit with others; the first after a pause does not wait. */
  readonly commitWindowMs: number;
  /** Per connection; whoever is faster is read more slowly, and nothing of theirs is dropped. */
  readonly messagesPerSecond: number;
  readonly maxSocketsPerDocument: number;
  readonly maxSocketsPerAddress: number;
  readonly maxOtpAttemptsPerMinute: number;
};
