import type { Check } from './check.ts';

/** The checks as a table for docs/hardening.md. */
export const renderCheckTable = (checks: readonly Check[]): string =>
  [
    '| id | what should be so | how bad otherwise | what the fix does |',
    '|---|---|---|---|',
    ...checks.map(({ id, title, severity, fix, guarded }) => {
      const safety = guarded ? '; taken back by itself unless confirmed' : '';
      return `| \`${id}\` | ${title} | ${severity} | ${fix}${safety} |`;
    }),
    '',
  ].join('\n');
