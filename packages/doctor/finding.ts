/** What a rule is, and what it finds. */
import type { Finding } from '@berth/protocol';
import type { Facts } from './facts/facts.ts';

export type Area = 'platform' | 'edge' | 'machine' | 'names' | 'app' | 'data' | 'backup' | 'requests' | 'numbers';

/** What `--fix` does: safe, and the same when it is done twice. */
export type Repair = {
  /** Said before it is done, e.g. "set the mode of /var/lib/berth to 0711". */
  readonly says: string;
  readonly run: () => Promise<void>;
};

/** A finding as a rule tells it; what is the same for all of a rule's findings stands in the rule. */
export type Seen = Pick<Finding, 'severity' | 'evidence' | 'cause' | 'fix'> & {
  readonly app?: string;
  readonly repair?: Repair;
};

/** A rule knows one fault. It says nothing when it cannot be sure. */
export type Rule = {
  /** Stable: it is in receipts, in the documentation and in other people's scripts. */
  readonly id: string;
  readonly area: Area;
  /** As somebody who suffers from it would say it. */
  readonly symptom: string;
  /** What it looks at, for the documentation. */
  readonly looks: string;
  /** Takes minutes: only with `--slow`. */
  readonly slow?: true;
  probe(facts: Facts): Promise<readonly Seen[]>;
};
