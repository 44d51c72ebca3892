/** What every process should tell of itself: how late its event loop runs, its memory and the limit of it, its age. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { readMemoryLimit } from './memory-limit.ts';
import type { Gauge, Metrics } from './metrics.ts';

const RESOLUTION_MS = 10;
const NANOSECONDS = 1e9;

/**
 * Gauges `event_loop_delay_p50_seconds`, `event_loop_delay_p99_seconds` and `event_loop_delay_max_seconds`, each of the last
 * whole window, so that a reader of any interval sees the same. Dispose to stop.
 * @param options.windowMs default 15000, Prometheus' usual interval
 */
export const observeEventLoop = (metrics: Metrics, options: { readonly windowMs?: number } = {}): Disposable => {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const p50 = metrics.gauge('event_loop_delay_p50_seconds', 'Delay of the event loop in the last window, median');
  const p99 = metrics.gauge('event_loop_delay_p99_seconds', 'Delay of the event loop in the last window, 99th percentile');
  const longest = metrics.gauge('event_loop_delay_max_seconds', 'Delay of the event loop in the last window, longest');
  delays.enable();
  const timer = setInterval(() => {
    // Node measures the time between two of its own ticks: what is above their distance is delay.
    const seconds = (nanoseconds: number): number => Math.max(0, nanoseconds / NANOSECONDS - RESOLUTION_MS / 1000);
    p50.set(seconds(delays.percentile(50)));
    p99.set(seconds(delays.percentile(99)));
    longest.set(seconds(delays.max));
    delays.reset();
  }, options.windowMs ?? 15_000).unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      delays.disable();
    },
  };
};

export type ProcessGauges = { readonly memoryUsageBytes: Gauge; readonly memoryLimitBytes: Gauge; readonly uptimeSeconds: Gauge };

/** Gauges `memory_usage_bytes` (resident), `memory_limit_bytes` and `uptime_seconds`. */
export const processGauges = (metrics: Metrics): ProcessGauges => ({
  memoryUsageBytes: metrics.gauge('memory_usage_bytes', 'Resident memory of this process', {
    collect: () => process.memoryUsage.rss(),
  }),
  // Read at each scrape: it can be changed while the process runs.
  memoryLimitBytes: metrics.gauge('memory_limit_bytes', 'Memory that this process may use', { collect: () => readMemoryLimit() }),
  uptimeSeconds: metrics.gauge('uptime_seconds', 'Seconds since this process started', { collect: () => process.uptime() }),
});
