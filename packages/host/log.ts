import { BerthError } from '@berth/core';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

/** A line is an event, whose name never changes, with fields: `log.info('deploy.finished', { app, durationMs })`. */
export type Logger = Readonly<Record<LogLevel, (event: string, fields?: LogFields) => void>> & {
  /** A logger whose lines carry these fields too. */
  child(bindings: LogFields): Logger;
};

export type LoggerOptions = {
  /** Gets one whole line, with its newline. */
  readonly write: (line: string) => void;
  readonly now: () => Date;
  readonly bindings?: LogFields;
  /** The least level that is written; default `info`. */
  readonly level?: LogLevel;
};

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** One JSON object per line: time, level, event, then the fields. */
export const createLogger = ({ write, now, bindings = {}, level = 'info' }: LoggerOptions): Logger => {
  const at =
    (lineLevel: LogLevel) =>
    (event: string, fields: LogFields = {}): void => {
      if (RANK[lineLevel] < RANK[level]) return;
      write(`${JSON.stringify({ time: now().toISOString(), level: lineLevel, event, ...bindings, ...fields }, readable)}\n`);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => createLogger({ write, now, level, bindings: { ...bindings, ...more } }),
  };
};

/** A logger that says nothing, for callers that have nobody to tell. */
export const silentLogger: Logger = createLogger({ write: () => undefined, now: () => new Date(0) });

/** JSON has no bigints, would print an error as {}, and one of Berth's as what clients may see of it. */
function readable(this: Record<string, unknown>, key: string, shown: unknown): unknown {
  const value = this[key] instanceof Error ? this[key] : shown;
  if (typeof value === 'bigint') return value.toString();
  if (!(value instanceof Error)) return value;
  const told = { message: value.message, stack: value.stack, ...(value.cause === undefined ? {} : { cause: value.cause }) };
  return value instanceof BerthError
    ? { code: value.code, hint: value.hint, fields: value.fields, ...told }
    : { name: value.name, ...told };
}
