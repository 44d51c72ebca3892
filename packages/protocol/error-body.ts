import * as z from 'zod';

// Interpreted instead of compiled with `new Function`: 8 MB less in the daemon for schemas that see a few calls a second.
z.config({ jitless: true });

/** What went wrong, where and why, and what to do next. */
export const ErrorBody = z.object({
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  fields: z.record(z.string(), z.unknown()).optional(),
});
export type ErrorBody = z.infer<typeof ErrorBody>;
