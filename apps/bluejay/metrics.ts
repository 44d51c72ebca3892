/** What Prometheus is told. The names are a contract with dashboards and the rules in `alerts.yaml`. */
import {
  type Counter,
  createMetrics,
  type Histogram,
  type Labelled,
  type Metrics,
  observeEventLoop,
  processGauges,
} from '@berth/kit';

const LATENCIES = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export type Instruments = {
  readonly requests: Labelled<Counter, 'method' | 'route' | 'status'>;
  readonly requestSeconds: Histogram;
  readonly cacheHits: Counter;
  readonly cacheMisses: Counter;
  readonly databaseSeconds: Histogram;
  readonly databaseErrors: Labelled<Counter, 'kind'>;
  readonly loginFailures: Counter;
  readonly rateLimited: Labelled<Counter, 'what'>;
  readonly uploadBytes: Counter;
  readonly submissions: Labelled<Counter, 'kind'>;
};

export type Observed = { readonly metrics: Metrics; readonly instruments: Instruments; stop(): void };

export type Sources = {
  /** Bytes of the log of the database. */
  readonly walBytes: () => number;
  /** Bytes that are free where the database lies. */
  readonly diskFreeBytes: () => number;
  readonly diskBytes: () => number;
};

export function observe({ walBytes, diskFreeBytes, diskBytes }: Sources): Observed {
  const metrics = createMetrics({ prefix: '' });
  const instruments: Instruments = {
    requests: metrics.counter('http_requests_total', 'Requests answered', ['method', 'route', 'status']),
    requestSeconds: metrics.histogram('http_request_duration_seconds', 'Time to answer a request', LATENCIES),
    cacheHits: metrics.counter('cache_hits_total', 'Pages answered from memory'),
    cacheMisses: metrics.counter('cache_misses_total', 'Pages made anew'),
    databaseSeconds: metrics.histogram('db_query_duration_seconds', 'Time of a query of the database', LATENCIES),
    databaseErrors: metrics.counter('db_errors_total', 'Queries that failed', ['kind']),
    loginFailures: metrics.counter('login_failures_total', 'Logins that failed'),
    rateLimited: metrics.counter('rate_limited_total', 'Requests refused because there were too many', ['what']),
    uploadBytes: metrics.counter('uploads_bytes_total', 'Bytes taken into the media library'),
    submissions: metrics.counter('contact_submissions_total', 'Messages and leads that visitors sent', ['kind']),
  };
  metrics.gauge('wal_bytes', 'Bytes of the log of the database', { collect: walBytes });
  metrics.gauge('disk_free_bytes', 'Bytes that are free where the database lies', { collect: diskFreeBytes });
  metrics.gauge('disk_size_bytes', 'Bytes of the disk on which the database lies', { collect: diskBytes });
  metrics.gauge('process_resident_memory_bytes', 'Resident memory of this process', { collect: () => process.memoryUsage.rss() });
  processGauges(metrics);
  const eventLoop = observeEventLoop(metrics);
  return { metrics, instruments, stop: () => eventLoop[Symbol.dispose]() };
}
