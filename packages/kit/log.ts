/** Structured logs: an event with fields, as one line of JSON for machines or one of text for a terminal. */
import { pino } from 'pino';
import { createLogDestination, type LogDestination } from './log-destination.ts';
import { readableFields } from './log-fields.ts';
import { renderTerminalLine } from './log-terminal.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'json' | 'terminal';
export type LogFields = Readonly<Record<string, unknown>>;

export type Log = Readonly<Record<LogLevel, (event: string, fields?: LogFields) => void>> & {
  /** A log whose lines carry these fields too. */
  child(bindings: LogFields): Log;
  /** Writes what a full pipe has kept back, for as long as the destination allows; to call before the process exits. */
  flush(): void;
};

export type LogOptions = {
  /** The least level that is written. */
  readonly level: LogLevel;
  readonly format: LogFormat;
  /** Default: standard output. */
  readonly destination?: LogDestination;
  readonly bindings?: LogFields;
  /** Only for the terminal's format; default false. */
  readonly colour?: boolean;
  readonly now?: () => Date;
};

/**
 * JSON lines have the keys `level`, `ts` (unix seconds with decimals), `msg`, then the fields. A field called like one of
 * these three is written with an underscore behind its name. Fields that look like secrets are "[redacted]".
 */
export const createLog = (options: LogOptions): Log => {
  const { level, format, destination = createLogDestination(), colour = false, now = () => new Date() } = options;
  const write = (line: string): void => {
    destination.write(format === 'json' ? line : renderTerminalLine(JSON.parse(line) as Record<string, unknown>, { colour }));
  };
  const lines = pino(
    {
      level,
      base: null,
      timestamp: () => `,"ts":${now().getTime() / 1000}`,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are made readable before, together with everything that they contain.
      serializers: {},
    },
    { write },
  );

  const withBindings = (bindings: LogFields): Log => {
    const at =
      (lineLevel: LogLevel) =>
      (event: string, fields: LogFields = {}): void => {
        if (!lines.isLevelEnabled(lineLevel)) return;
        // The event goes first: in pino's own order it would stand behind the fields.
        lines[lineLevel]({ msg: event, ...readableFields({ ...bindings, ...fields }) });
      };
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      child: (more) => withBindings({ ...bindings, ...more }),
      flush: () => destination.flush?.(),
    };
  };
  return withBindings(options.bindings ?? {});
};

/** Text for a person at a terminal, JSON for everything that reads a pipe or a file. */
export const defaultFormat = (isTTY: boolean | undefined): LogFormat => (isTTY === true ? 'terminal' : 'json');

/** A log that says nothing, for tests and for callers that have nobody to tell. */
export const silentLog: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLog,
  flush: () => undefined,
};
