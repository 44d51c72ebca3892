import type { S3Kind, S3Request } from './s3-request.ts';

/** What goes wrong with one request. Where nothing else is said, the request is then carried out as usual. */
export type S3Fault =
  /** Refused before anything is done. */
  | { readonly kind: 'status'; readonly status: number; readonly code?: string; readonly retryAfterSeconds?: number }
  /** Refused under the status 200, as S3 does when a copy or the end of an upload fails late. */
  | { readonly kind: 'error-body'; readonly code?: string }
  /** The connection is reset after so many bytes of the body, of the request if it has one, else of the answer. */
  | { readonly kind: 'reset'; readonly afterBytes?: number }
  /** Never answered. */
  | { readonly kind: 'hang' }
  /** Bodies pass slowly. */
  | { readonly kind: 'trickle'; readonly bytesPerSecond: number }
  /** The answer ends early; unless `honestLength`, its header promises all. */
  | { readonly kind: 'truncate'; readonly bytes: number; readonly honestLength?: boolean }
  /** One bit of the body of the answer, or of what is stored, is another. `at`: byte, from the beginning. */
  | { readonly kind: 'flip-bit'; readonly at?: number }
  /** Acknowledged, but not done. */
  | { readonly kind: 'lose-write' }
  /** Done, but the connection is reset instead of an answer. */
  | { readonly kind: 'lose-response' }
  /** A listing as it was so long ago. */
  | { readonly kind: 'stale-listing'; readonly ageMs: number }
  | { readonly kind: 'reorder-listing' }
  /** Only so many keys, and the claim that there are no more. */
  | { readonly kind: 'cut-listing'; readonly keys: number }
  /** The clock of the server is so much ahead. */
  | { readonly kind: 'skew'; readonly ms: number };

export type S3FaultRule = {
  readonly fault: S3Fault;
  /** Which requests; all if nothing is said. */
  readonly kinds?: readonly S3Kind[];
  readonly when?: (request: S3Request) => boolean;
  /** How many matching requests are spared before. */
  readonly after?: number;
  /** How many then fail; 1 if nothing is said. */
  readonly times?: number;
};

/** Which request meets which fault. The first rule that holds decides. */
export interface S3Faults {
  add(rule: S3FaultRule): void;
  /** Holds until it is disposed of: an outage, a slow line. */
  during(rule: Omit<S3FaultRule, 'times'>): Disposable;
  clear(): void;
  /** Faults that are still to come, of those with an end. */
  readonly pending: number;
  decide(request: S3Request): S3Fault | undefined;
}

export const createFaults = (): S3Faults => {
  let rules: { rule: S3FaultRule; spare: number; left: number }[] = [];
  const add = (rule: S3FaultRule): (typeof rules)[number] => {
    const state = { rule, spare: rule.after ?? 0, left: rule.times ?? 1 };
    rules.push(state);
    return state;
  };
  return {
    add: (rule) => void add(rule),
    during(rule) {
      const state = add({ ...rule, times: Number.POSITIVE_INFINITY });
      return {
        [Symbol.dispose]() {
          rules = rules.filter((other) => other !== state);
        },
      };
    },
    clear() {
      rules = [];
    },
    get pending() {
      return rules.reduce((sum, { left }) => sum + (Number.isFinite(left) ? left : 0), 0);
    },
    decide(request) {
      for (const state of rules) {
        const { kinds, when, fault } = state.rule;
        if (kinds !== undefined && !kinds.includes(request.kind)) continue;
        if (when !== undefined && !when(request)) continue;
        if (state.spare > 0) {
          state.spare -= 1;
          continue;
        }
        state.left -= 1;
        if (state.left <= 0) rules = rules.filter((other) => other !== state);
        return fault;
      }
      return undefined;
    },
  };
};
