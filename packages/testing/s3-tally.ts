import type { S3Kind } from './s3-request.ts';

/** Counts requests: on an object store they are money. */
export interface S3Tally {
  /** Of these kinds, or all. */
  count(...kinds: readonly S3Kind[]): number;
  readonly byKind: Readonly<Partial<Record<S3Kind, number>>>;
  /** Bytes of bodies that came in, and that went out. */
  readonly received: number;
  readonly sent: number;
  /** What the requests would have cost in US dollars; neither storage nor traffic. */
  readonly dollars: number;
  reset(): void;
}

export interface S3TallyKeeper extends S3Tally {
  add(request: { readonly kind: S3Kind; readonly received: number }): void;
  addSent(bytes: number): void;
}

export const createTally = (): S3TallyKeeper => {
  const counts = new Map<S3Kind, number>();
  let received = 0;
  let sent = 0;
  return {
    count: (...kinds) => {
      let sum = 0;
      for (const [kind, count] of counts) if (kinds.length === 0 || kinds.includes(kind)) sum += count;
      return sum;
    },
    get byKind() {
      return Object.fromEntries(counts);
    },
    get received() {
      return received;
    },
    get sent() {
      return sent;
    },
    get dollars() {
      return counts.entries().reduce((sum, [kind, count]) => sum + count * dollarsOf(kind), 0);
    },
    reset() {
      counts.clear();
      received = 0;
      sent = 0;
    },
    add(request) {
      counts.set(request.kind, (counts.get(request.kind) ?? 0) + 1);
      received += request.received;
    },
    addSent(bytes) {
      sent += bytes;
    },
  };
};

/** S3 Standard in us-east-1: 0.005 per thousand that write or list, 0.0004 per thousand others; to delete is free. */
const dollarsOf = (kind: S3Kind): number => {
  if (FREE.includes(kind)) return 0;
  return CHEAP.includes(kind) ? 0.4e-6 : 5e-6;
};

const FREE: readonly S3Kind[] = ['AbortMultipartUpload', 'DeleteBucket', 'DeleteObject', 'DeleteObjects'];
const CHEAP: readonly S3Kind[] = ['GetBucketLocation', 'GetBucketVersioning', 'GetObject', 'HeadBucket', 'HeadObject', 'Unknown'];
