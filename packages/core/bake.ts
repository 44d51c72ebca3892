/** What one release answered in a stretch of time. */
export type Traffic = {
  readonly requests: number;
  /** Answers with a 5xx status. */
  readonly errors: number;
  /** Null when there was nothing to measure. */
  readonly p95Ms: number | null;
};

export type BakeVerdict = { readonly verdict: 'wait' | 'pass' | 'worse'; readonly reason: string };

/** Fewer answers than this are no evidence, in either direction. */
export const BAKE_REQUESTS = 200;

/**
 * One-sided normal quantile: a release that is no worse than its predecessor is sent back once in about 30,000 bakes,
 * although the question is asked again and again while requests come in.
 */
const SIGNIFICANCE_Z = 4;

/** Below one more error in a hundred answers nobody is woken up, however certain it is. */
const LEAST_INCREASE = 0.01;

/** A handful of errors can be one client's bad luck, and the quantile above does not hold for so few. */
const LEAST_ERRORS = 5;

/** A predecessor of which little is known is taken for a middling one: these many answers, one error among them. */
const ASSUMED_REQUESTS = 200;
const ASSUMED_ERRORS = 1;

const LATENCY_FACTOR = 2;
const LATENCY_MARGIN_MS = 50;
/** A 95th percentile of fewer than this rests on the two or three slowest answers. */
const LATENCY_REQUESTS = 50;

/** Is the release after worse than the one before? Asked while it serves; `wait` until enough requests have come. */
export const judgeBake = (before: Traffic, after: Traffic): BakeVerdict => {
  if (after.requests < BAKE_REQUESTS) {
    return { verdict: 'wait', reason: `${after.requests} of ${BAKE_REQUESTS} requests` };
  }
  const known = before.requests >= BAKE_REQUESTS;
  const reference = known ? before : { requests: before.requests + ASSUMED_REQUESTS, errors: before.errors + ASSUMED_ERRORS };
  const rateBefore = reference.errors / reference.requests;
  const rateAfter = after.errors / after.requests;
  const errors = `${percent(rateAfter)} of ${after.requests} requests failed, ${percent(before.requests === 0 ? 0 : before.errors / before.requests)} of ${before.requests} before`;
  if (
    after.errors >= LEAST_ERRORS &&
    rateAfter - rateBefore >= LEAST_INCREASE &&
    differenceZ(reference, after) >= SIGNIFICANCE_Z
  ) {
    return { verdict: 'worse', reason: errors };
  }

  const latency = compareLatency(before, after);
  return latency.worse
    ? { verdict: 'worse', reason: latency.reason }
    : { verdict: 'pass', reason: `${errors}; ${latency.reason}` };
};

/** Two-proportion z: the difference of the rates in standard deviations of what chance alone would make of one common rate. */
const differenceZ = (before: { requests: number; errors: number }, after: { requests: number; errors: number }): number => {
  const pooled = (before.errors + after.errors) / (before.requests + after.requests);
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / before.requests + 1 / after.requests));
  return deviation === 0 ? 0 : (after.errors / after.requests - before.errors / before.requests) / deviation;
};

const compareLatency = (before: Traffic, after: Traffic): { worse: boolean; reason: string } => {
  if (after.p95Ms === null) return { worse: false, reason: 'no latency measured' };
  const now = `p95 ${Math.round(after.p95Ms)} ms`;
  if (before.p95Ms === null || before.requests < LATENCY_REQUESTS)
    return { worse: false, reason: `${now}, with too few requests before to compare` };
  const worse = after.p95Ms > LATENCY_FACTOR * before.p95Ms && after.p95Ms - before.p95Ms > LATENCY_MARGIN_MS;
  return { worse, reason: `${now}, ${Math.round(before.p95Ms)} ms before` };
};

const percent = (rate: number): string => `${Math.round(rate * 1000) / 10} %`;
