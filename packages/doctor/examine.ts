/** Lets all rules look, each for itself: one that fails or takes too long hides nothing of the others. */
import type { Finding } from '@berth/protocol';
import { type FactsOptions, openFacts } from './facts/facts.ts';
import type { Repair, Rule } from './finding.ts';
import { exposuresOf, type UnitExposure } from './rules/units.ts';
import { rules as allRules } from './rules.ts';

export type Examination = {
  readonly findings: readonly Finding[];
  /** What the findings of the same place in `findings` would have done about them. */
  readonly repairs: readonly (Repair | null)[];
  /** Rules that could not look, and why. */
  readonly blind: readonly { readonly rule: string; readonly reason: string }[];
  /** Of the unit of every instance, where systemd runs them: at most 2.0 as Berth writes them. */
  readonly exposures: readonly UnitExposure[];
  /** How many rules looked. */
  readonly looked: number;
  readonly ms: number;
};

export type ExaminationOptions = FactsOptions & {
  /** Also what takes minutes. */
  readonly slow?: boolean;
  readonly rules?: readonly Rule[];
};

/** How long one rule may take: most take milliseconds, the lock is watched for two seconds. */
const RULE_MS = 12_000;
const SLOW_RULE_MS = 300_000;

/** Changes nothing. Throws APP_NOT_FOUND for an app that the journal does not know. */
export const examine = async ({ slow = false, rules = allRules, ...options }: ExaminationOptions): Promise<Examination> => {
  const began = performance.now();
  const bounds = slow ? { integrityBytes: Number.MAX_SAFE_INTEGER, ...options.bounds } : options.bounds;
  const facts = openFacts({ ...options, ...(bounds && { bounds }) });
  try {
    if (facts.app !== null) facts.journal?.apps.get(facts.app);
    const asked = rules.filter((rule) => slow || rule.slow !== true);
    const results = await Promise.all(
      asked.map(async (rule) => {
        try {
          return { rule, seen: await within(rule.probe(facts), rule.slow ? SLOW_RULE_MS : RULE_MS), reason: null };
        } catch (cause) {
          return { rule, seen: [], reason: (cause as Error).message };
        }
      }),
    );
    const found = results.flatMap(({ rule, seen }) => seen.map((one) => ({ rule, one })));
    return {
      findings: found.map(({ rule, one }) => ({
        rule: rule.id,
        severity: one.severity,
        app: one.app ?? null,
        symptom: rule.symptom,
        evidence: [...one.evidence],
        cause: one.cause,
        fix: one.fix,
        repair: one.repair?.says ?? null,
      })),
      repairs: found.map(({ one }) => one.repair ?? null),
      blind: results.flatMap(({ rule, reason }) => (reason === null ? [] : [{ rule: rule.id, reason }])),
      exposures: await exposuresOf(facts).catch(() => []),
      looked: results.filter(({ reason }) => reason === null).length,
      ms: Math.round(performance.now() - began),
    };
  } finally {
    facts.close();
  }
};

const within = async <T>(pending: Promise<T>, ms: number): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms);
  });
  try {
    return await Promise.race([pending, late]);
  } finally {
    clearTimeout(timer);
  }
};
