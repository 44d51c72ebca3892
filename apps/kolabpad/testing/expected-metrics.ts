/** The names that operators know, with their types, and a reader of the exposition format that is nobody's library. */

export const PREFIX = 'kolabpad_';

/** K-53 to K-70; two of them have a suffix that says otherwise, but these are the names in people's dashboards. */
export const EXPECTED_METRICS: Readonly<Record<string, 'counter' | 'gauge' | 'histogram'>> = {
  documents_in_memory: 'gauge',
  active_persisters_count: 'gauge',
  websocket_connections_total: 'gauge',
  memory_usage_bytes: 'gauge',
  memory_limit_bytes: 'gauge',
  goroutine_count: 'gauge',
  db_writes_total: 'counter',
  db_writes_per_minute: 'gauge',
  db_reads_total: 'counter',
  persist_latency_seconds: 'histogram',
  idle_persist_total: 'counter',
  safety_net_persist_total: 'counter',
  critical_write_total: 'counter',
  last_user_flush_total: 'counter',
  eviction_flush_total: 'counter',
  shutdown_flush_total: 'counter',
  persist_errors_total: 'counter',
  otp_validation_errors_total: 'counter',
  document_evictions_total: 'counter',
  document_expirations_total: 'counter',
  uptime_seconds: 'gauge',
  persister_start_count: 'counter',
  persister_stop_count: 'counter',
};

/** K-71 and the three of the original. */
export const EXPECTED_STATS = [
  'documents_in_memory',
  'active_persisters',
  'websocket_connections',
  'memory_usage_mb',
  'goroutine_count',
  'db_writes_total',
  'db_writes_per_minute',
  'persist_errors',
  'uptime_seconds',
  'idle_persist_total',
  'safety_net_persist_total',
  'start_time',
  'num_documents',
  'database_size',
] as const;

export type Sample = {
  readonly name: string;
  /** With braces, as it stood there; empty without labels. */
  readonly labels: string;
  readonly value: number;
};
export type Scrape = { readonly types: ReadonlyMap<string, string>; readonly samples: readonly Sample[]; readonly text: string };

/** Throws for a line that Prometheus would not take. */
export const parseExposition = (text: string): Scrape => {
  const types = new Map<string, string>();
  const samples: Sample[] = [];
  for (const line of text.split('\n')) {
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary|untyped)$/.exec(line) ?? [];
    if (typed !== undefined && type !== undefined) types.set(typed, type);
    else if (line !== '' && !line.startsWith('# HELP ')) samples.push(parseSample(line));
  }
  return { types, samples, text };
};

export const scrape = async (url: string): Promise<Scrape> => {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  if (!response.ok) throw new Error(`/metrics answered ${response.status}: ${text}`);
  return parseExposition(text);
};

/** The value of the metric that has no labels. */
export const valueOf = ({ samples }: Scrape, name: string): number => {
  const sample = samples.find((each) => each.name === `${PREFIX}${name}` && each.labels === '');
  if (sample === undefined) throw new Error(`no metric ${PREFIX}${name}`);
  return sample.value;
};

const parseSample = (line: string): Sample => {
  const [, name, labels = '', value] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? (\S+)$/.exec(line) ?? [];
  const number = value === '+Inf' ? Number.POSITIVE_INFINITY : Number(value);
  if (name === undefined || value === undefined || (Number.isNaN(number) && value !== 'NaN'))
    throw new Error(`no sample: ${line}`);
  return { name, labels, value: number };
};
