/** Metrics for Prometheus: counted in plain numbers, handed to prom-client when somebody asks. */
import { Counter as PromCounter, Gauge as PromGauge, Histogram as PromHistogram, Registry } from 'prom-client';

export type Counter = {
  /** @param by default 1; never negative */
  increment(by?: number): void;
  readonly value: number;
};
export type Gauge = {
  set(value: number): void;
  increment(by?: number): void;
  decrement(by?: number): void;
  /** For a gauge with `collect`, what that says now. */
  readonly value: number;
};
export type Histogram = { observe(value: number): void };
/** One child for each combination of label values: keep what `with` gives where it is used often. */
export type Labelled<Child, Label extends string> = { with(labels: Readonly<Record<Label, string>>): Child };

export type Metrics = {
  counter(name: string, help: string): Counter;
  counter<const Label extends string>(name: string, help: string, labels: readonly Label[]): Labelled<Counter, Label>;
  /** @param options.collect asked at each scrape instead of `set` */
  gauge(name: string, help: string, options?: { readonly collect?: () => number }): Gauge;
  /** @param buckets upper bounds, ascending, in the metric's unit */
  histogram(name: string, help: string, buckets: readonly number[]): Histogram;
  /** The exposition format. Rejects when a `collect` throws. */
  render(): Promise<string>;
  readonly contentType: string;
};

/** @param options.prefix before every name: `kolabpad_` */
export const createMetrics = ({ prefix }: { readonly prefix: string }): Metrics => {
  const registry = new Registry();
  const nameOf = (name: string): string => {
    const full = `${prefix}${name}`;
    if (registry.getSingleMetric(full) !== undefined) throw new Error(`the metric ${full} is registered twice`);
    return full;
  };

  function counter(name: string, help: string): Counter;
  function counter<const Label extends string>(name: string, help: string, labels: readonly Label[]): Labelled<Counter, Label>;
  function counter(name: string, help: string, labels?: readonly string[]): Counter | Labelled<Counter, string> {
    const children = new Map<string, { readonly labels: Readonly<Record<string, string>>; readonly counter: Counter }>();
    const childOf = (values: Readonly<Record<string, string>>): Counter => {
      // Only the registered labels: prom-client would refuse others at the scrape, and with them all metrics.
      const own = (labels ?? []).map((label) => [label, String(values[label] ?? '')] as const);
      const key = JSON.stringify(own);
      const child = children.get(key) ?? { labels: Object.fromEntries(own), counter: plainCounter() };
      children.set(key, child);
      return child.counter;
    };
    new PromCounter({
      name: nameOf(name),
      help,
      labelNames: [...(labels ?? [])],
      registers: [registry],
      // Counting is an addition to a number of our own; prom-client hears of it at the scrape.
      collect() {
        this.reset();
        for (const child of children.values()) this.inc(child.labels, child.counter.value);
      },
    });
    return labels === undefined ? childOf({}) : { with: childOf };
  }

  return {
    counter,
    gauge(name, help, { collect } = {}) {
      const gauge = collect === undefined ? plainGauge() : computedGauge(name, collect);
      new PromGauge({
        name: nameOf(name),
        help,
        registers: [registry],
        collect() {
          this.set(gauge.value);
        },
      });
      return gauge;
    },
    histogram(name, help, buckets) {
      const histogram = new PromHistogram({ name: nameOf(name), help, buckets: [...buckets], registers: [registry] });
      return { observe: (value) => histogram.observe(value) };
    },
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
};

const plainCounter = (): Counter => {
  let value = 0;
  return {
    increment(by = 1) {
      if (!(by >= 0 && by < Number.POSITIVE_INFINITY)) throw new RangeError(`a counter cannot be incremented by ${by}`);
      value += by;
    },
    get value() {
      return value;
    },
  };
};

const plainGauge = (): Gauge => {
  let value = 0;
  return {
    set: (to) => {
      value = to;
    },
    increment: (by = 1) => {
      value += by;
    },
    decrement: (by = 1) => {
      value -= by;
    },
    get value() {
      return value;
    },
  };
};

const computedGauge = (name: string, collect: () => number): Gauge => {
  const refuse = (): never => {
    throw new Error(`the gauge ${name} is computed: it cannot be set`);
  };
  return {
    set: refuse,
    increment: refuse,
    decrement: refuse,
    get value() {
      return collect();
    },
  };
};
