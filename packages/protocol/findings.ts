/** What the doctor says. */
import * as z from 'zod';

const findingSeverities = ['problem', 'warning'] as const;

/** One thing that is wrong, or soon will be. */
export const Finding = z.object({
  /** Of the rule that found it; stable, e.g. `wrong-port`. */
  rule: z.string(),
  severity: z.enum(findingSeverities),
  /** The app that it is about; null for the platform and the machine. */
  app: z.string().nullable(),
  /** As somebody who suffers from it would say it. */
  symptom: z.string(),
  /** What was seen: figures, paths, names of processes, one line each. */
  evidence: z.array(z.string()),
  cause: z.string(),
  /** A command to type. */
  fix: z.string(),
  /** What `berth doctor --fix` does about it; null where only a person should. */
  repair: z.string().nullable(),
});
export type Finding = z.infer<typeof Finding>;
