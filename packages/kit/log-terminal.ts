/** A log line for a person: `12:00:01 info  persisted  docId=abc reason=idle_threshold`. */

const COLOURS: Readonly<Record<string, string>> = {
  debug: '\u001B[2m',
  info: '\u001B[32m',
  warn: '\u001B[33m',
  error: '\u001B[31m',
};
const RESET = '\u001B[0m';

/** @param line the line's JSON, parsed. Times are local. Control characters are escaped: a log must not steer the terminal. */
export const renderTerminalLine = (line: Readonly<Record<string, unknown>>, { colour }: { readonly colour: boolean }): string => {
  const { level, ts, msg, ...fields } = line;
  const word = String(level).padEnd(5);
  const shownLevel = colour ? `${COLOURS[String(level)] ?? ''}${word}${RESET}` : word;
  const pairs = Object.entries(fields).map(([name, value]) => `${plain(name)}=${shortValue(value)}`);
  const stacks = Object.values(fields).flatMap(stackLines);
  const first = [
    `${timeOf(Number(ts))} ${shownLevel} ${plain(String(msg))}`,
    ...(pairs.length === 0 ? [] : [pairs.join(' ')]),
  ].join('  ');
  return [first, ...stacks.map((stackLine) => `         ${plain(stackLine)}`), ''].join('\n');
};

const timeOf = (unixSeconds: number): string => {
  const time = new Date(unixSeconds * 1000);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
};

/** An error's stack follows on lines of its own, so that the pair has its message only. */
const shortValue = (value: unknown): string => {
  if (typeof value === 'string') return value !== '' && /^[^\s"=\p{Cc}]+$/u.test(value) ? value : plain(JSON.stringify(value));
  if (isError(value)) return plain(JSON.stringify(`${value.name}: ${value.message}`));
  return plain(JSON.stringify(value));
};

const stackLines = (value: unknown): string[] => {
  if (!isError(value)) return [];
  const own = typeof value.stack === 'string' ? value.stack.split('\n').slice(1) : [];
  const cause = isError(value.cause) ? [`caused by ${value.cause.name}: ${value.cause.message}`, ...stackLines(value.cause)] : [];
  return [...own.map((stackLine) => stackLine.trim()), ...cause];
};

type ShownError = { readonly name: string; readonly message: string; readonly stack?: unknown; readonly cause?: unknown };

const isError = (value: unknown): value is ShownError =>
  typeof value === 'object' && value !== null && 'message' in value && 'name' in value && 'stack' in value;

const plain = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
