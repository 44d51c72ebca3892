import * as z from 'zod';
import { durationPattern, formatDuration, parseDuration } from './quantities.ts';
import { command, duration, expected, mapping, quote } from './schema-parts.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A month is 30 days: a rehearsal needs no calendar. */
const rhythms: Readonly<Record<string, number | null>> = {
  daily: DAY_MS,
  weekly: 7 * DAY_MS,
  monthly: 30 * DAY_MS,
  never: null,
};
export const rhythmNames = Object.keys(rhythms);

const RHYTHM = `\`daily\`, \`weekly\`, \`monthly\`, \`never\`, or a duration such as 12h`;
const rhythmPattern = new RegExp(`^(${rhythmNames.join('|')})$|${durationPattern.source}`);
const rhythmRange = { min: HOUR_MS, max: 365 * DAY_MS };

const rhythm = () =>
  z
    .string(expected(RHYTHM))
    .regex(rhythmPattern, expected(RHYTHM))
    .transform((text, context) => {
      if (Object.hasOwn(rhythms, text)) return rhythms[text] ?? null;
      const value = parseDuration(text);
      if (value !== null && value >= rhythmRange.min && value <= rhythmRange.max) return value;
      context.issues.push({
        code: 'custom',
        input: text,
        message: `expected ${RHYTHM} from ${formatDuration(rhythmRange.min)} to ${formatDuration(rhythmRange.max)}, not ${quote(text)}`,
      });
      return z.NEVER;
    });

export const BackupPart = mapping(
  'a mapping with `keep`, `files`, `drill` and `check`',
  {
    keep: duration({ min: DAY_MS, max: 3_650 * DAY_MS }, '30d or 1y')
      .prefault('30d')
      .meta({
        title: 'duration',
        description:
          'How far back the data can go: every change of the last day, one state an hour of the last week, one a day for this long.',
        samples: ['90d'],
      }),
    files: duration({ min: 5 * MINUTE_MS, max: 7 * DAY_MS }, '1h or 30m')
      .prefault('1h')
      .meta({
        title: 'duration',
        description: 'How old the newest copy of a `files` store may become. Databases are copied continuously.',
        samples: ['6h'],
      }),
    drill: rhythm()
      .prefault('weekly')
      .meta({
        title: '`daily`, `weekly`, `monthly`, `never` or duration',
        description: 'How often a restore is rehearsed in a scratch place, which is the only proof that a backup is one.',
        samples: ['daily', '12h'],
      }),
    check: command()
      .optional()
      .meta({
        title: 'command',
        description:
          'Shell command that judges restored data: it exits with 0 when the data is good. Run in the release directory with the environment of the app, the variables and references of its stores lead to the copies.',
        samples: ['node check-data.ts'],
      }),
  },
  { target: 'targets of single apps' },
);
