/** The browser's console, silent below the level that was baked in. Events with fields; never a token, never a text. */
import { logLevel } from './build-information.ts';

type Fields = Readonly<Record<string, string | number | boolean | null>>;

const RANK = { debug: 0, info: 1, error: 2 } as const;

const write =
  (level: keyof typeof RANK) =>
  (event: string, fields: Fields = {}): void => {
    // oxlint-disable-next-line no-console -- this is the one place that writes to it
    if (RANK[level] >= RANK[logLevel]) console[level](event, fields);
  };

export const log = { debug: write('debug'), info: write('info'), error: write('error') };
