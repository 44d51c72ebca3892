import type { LogLine } from '@berth/protocol';

type Level = NonNullable<LogLine['level']>;

/** What a line says of itself, when it is JSON as pino, bunyan and most loggers write it, or plain text with a level in it. */
export function parseLine(text: string): { atMs: number | null; level: Level | null } {
  if (text.startsWith('{')) {
    try {
      const fields = JSON.parse(text) as Record<string, unknown>;
      return {
        atMs: toMs(fields.time ?? fields.timestamp ?? fields.ts ?? fields['@timestamp']),
        level: toLevel(fields.level ?? fields.severity),
      };
    } catch {
      // A line that only looks like JSON is text.
    }
  }
  const word = /\b(debug|trace|info|notice|warn(?:ing)?|err(?:or)?|fatal|critical|panic)\b/i.exec(text.slice(0, 120));
  return { atMs: null, level: word ? toLevel(word[1]) : null };
}

function toMs(time: unknown): number | null {
  // Seconds, milliseconds or a date: a number below 10^11 cannot be milliseconds of this century.
  if (typeof time === 'number') return time < 1e11 ? Math.round(time * 1_000) : Math.round(time);
  if (typeof time !== 'string') return null;
  const parsed = Date.parse(time);
  return Number.isNaN(parsed) ? null : parsed;
}

function toLevel(level: unknown): Level | null {
  if (typeof level === 'number') return level < 30 ? 'debug' : level < 40 ? 'info' : level < 50 ? 'warn' : 'error';
  switch (typeof level === 'string' ? level.toLowerCase() : '') {
    case 'trace':
    case 'debug':
      return 'debug';
    case 'info':
    case 'notice':
      return 'info';
    case 'warn':
    case 'warning':
      return 'warn';
    case 'err':
    case 'error':
    case 'fatal':
    case 'critical':
    case 'panic':
      return 'error';
    default:
      return null;
  }
}

const ORDER: readonly Level[] = ['debug', 'info', 'warn', 'error'];

/** A line without a level passes for `info`. */
export const isAtLeast = (level: Level | null, least: Level) => ORDER.indexOf(level ?? 'info') >= ORDER.indexOf(least);
