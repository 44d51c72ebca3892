/** What Prometheus is told, and `/api/stats` with it. The names are a contract with dashboards and alert rules. */
import { createMetrics, type Metrics, observeEventLoop, processGauges } from '@berth/kit';
import type { Stats } from './live/documents.ts';
import type { Instruments } from './live/instruments.ts';

const LATENCIES = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const MINUTE_SECONDS = 60;

export type Observed = {
  readonly metrics: Metrics;
  readonly instruments: Instruments;
  /** The body of `/api/stats`. */
  stats(live: Stats): Record<string, number>;
  stop(): void;
};

/** `now` in milliseconds. */
export function observe(readStats: () => Stats, now: () => number): Observed {
  const metrics = createMetrics({ prefix: 'kolabpad_' });
  const perMinute = createMinuteCounter(now);
  const startedAt = now();
  const writes = metrics.counter('db_writes_total', 'Snapshots of documents written to the database');
  const counter = (name: string, help: string) => metrics.counter(name, help);
  const instruments: Instruments = {
    writes: {
      get value() {
        return writes.value;
      },
      increment(by) {
        writes.increment(by);
        perMinute.increment();
      },
    },
    reads: counter('db_reads_total', 'Documents, tokens and links read from the database'),
    persistLatencySeconds: metrics.histogram('persist_latency_seconds', 'Time to write the snapshot of a document', LATENCIES),
    idlePersists: counter('idle_persist_total', 'Snapshots written because nobody had typed for 30 seconds'),
    safetyNetPersists: counter('safety_net_persist_total', 'Snapshots written because the last was 5 minutes ago'),
    criticalWrites: counter('critical_write_total', 'Tokens, links and expiries written before anybody was told'),
    lastUserFlushes: counter('last_user_flush_total', 'Snapshots written when the last user left'),
    evictionFlushes: counter('eviction_flush_total', 'Snapshots written when a document left the memory'),
    shutdownFlushes: counter('shutdown_flush_total', 'Snapshots written at shutdown'),
    persistErrors: counter('persist_errors_total', 'Writes to the database that failed'),
    tokenErrors: counter('otp_validation_errors_total', 'Wrong or missing one-time passwords'),
    evictions: counter('document_evictions_total', 'Documents that left the memory'),
    expirations: counter('document_expirations_total', 'Documents deleted because nobody had used them'),
    persisterStarts: counter('persister_start_count', 'Persisters started'),
    persisterStops: counter('persister_stop_count', 'Persisters stopped'),
    edits: counter('edits_total', 'Operations accepted'),
    rejectedEdits: counter('edits_rejected_total', 'Operations refused: too large, or of a revision that does not exist'),
    journalCommits: counter('journal_commits_total', 'Groups of operations written to the journal'),
    journalCommitSeconds: metrics.histogram('journal_commit_seconds', 'Time to write a group of operations', LATENCIES),
    editSeconds: metrics.histogram('edit_seconds', 'From the arrival of an operation to its being sent to everybody', LATENCIES),
    slowConsumers: counter('slow_consumers_total', 'Connections closed because they were too far behind'),
    throttled: counter('throttled_total', 'Times that a connection was read more slowly'),
  };
  metrics.gauge('documents_in_memory', 'Documents in memory', { collect: () => readStats().documentsInMemory });
  metrics.gauge('active_persisters_count', 'Documents with somebody connected', { collect: () => readStats().activePersisters });
  metrics.gauge('websocket_connections_total', 'Open connections', { collect: () => readStats().websocketConnections });
  metrics.gauge('db_writes_per_minute', 'Snapshots written in the last minute', { collect: perMinute.count });
  metrics.gauge('goroutine_count', 'Sockets, timers and other resources that are active', { collect: countActiveResources });
  processGauges(metrics);
  const eventLoop = observeEventLoop(metrics);

  return {
    metrics,
    instruments,
    stats: (live) => ({
      documents_in_memory: live.documentsInMemory,
      active_persisters: live.activePersisters,
      websocket_connections: live.websocketConnections,
      memory_usage_mb: Math.round(process.memoryUsage.rss() / 104_857.6) / 10,
      goroutine_count: countActiveResources(),
      db_writes_total: writes.value,
      db_writes_per_minute: perMinute.count(),
      persist_errors: instruments.persistErrors.value,
      idle_persist_total: instruments.idlePersists.value,
      safety_net_persist_total: instruments.safetyNetPersists.value,
      uptime_seconds: Math.floor((now() - startedAt) / 1_000),
      start_time: Math.floor(startedAt / 1_000),
      num_documents: live.documentsInMemory,
      database_size: live.storedDocuments,
    }),
    stop: () => eventLoop[Symbol.dispose](),
  };
}

const countActiveResources = (): number => process.getActiveResourcesInfo().length;

/** Counts what happened in the last sixty seconds, second by second. */
function createMinuteCounter(now: () => number): { increment(): void; count(): number } {
  const seconds = new Map<number, number>();
  const current = (): number => Math.floor(now() / 1_000);
  const forget = (): void => {
    for (const second of seconds.keys()) if (second <= current() - MINUTE_SECONDS) seconds.delete(second);
  };
  return {
    increment() {
      forget();
      seconds.set(current(), (seconds.get(current()) ?? 0) + 1);
    },
    count() {
      forget();
      return [...seconds.values()].reduce((sum, count) => sum + count, 0);
    },
  };
}
