import { BerthError } from '@berth/core';

export const commandFailed = (
  argv: readonly string[],
  how: { exitCode: number | null; signal: string | null; stderr: string },
): BerthError =>
  new BerthError(
    'COMMAND_FAILED',
    `${argv[0]} ${how.signal === null ? `ended with code ${how.exitCode}` : `was ended by ${how.signal}`}${said(how.stderr)}`,
    {
      hint: 'the lines above are the command’s own words; run it by hand to see more',
      fields: { command: argv[0], exitCode: how.exitCode, signal: how.signal, stderr: lastLines(how.stderr) },
    },
  );

export const commandNotStarted = (
  command: string,
  details: { errno: string; cwd: string | undefined; cause: unknown },
): BerthError =>
  new BerthError('COMMAND_NOT_STARTED', `${command} could not be started: ${whyNotStarted(details)}`, {
    hint: `check that ${command} is installed, in PATH and executable`,
    fields: { command, errno: details.errno },
    cause: details.cause,
  });

export const commandTimedOut = (command: string, timeoutMs: number): BerthError =>
  new BerthError('COMMAND_TIMED_OUT', `${command} did not end within ${timeoutMs} ms and was killed`, {
    hint: 'see whether the machine is overloaded, or what the command waits for',
    fields: { command, timeoutMs },
  });

export const portsExhausted = (range: { from: number; to: number }): BerthError =>
  new BerthError('PORTS_EXHAUSTED', `no free port between ${range.from} and ${range.to}`, {
    hint: 'stop instances that are not needed, or see with `ss -ltnp` what else listens there',
    fields: { ...range },
  });

export const userNameInvalid = (name: string): BerthError =>
  new BerthError('USER_NAME_INVALID', `"${name}" cannot be the name of a system user`, {
    hint: 'a letter first, then letters, digits, "-" and "_", lower case, 32 characters at most',
    fields: { name },
  });

export const userNotOurs = (name: string, why: string): BerthError =>
  new BerthError('USER_NOT_OURS', `the system user ${name} is not one of Berth’s: ${why}`, {
    hint: `rename or remove the user ${name}, or name the app differently`,
    fields: { name },
  });

export const homeUnknown = (): BerthError =>
  new BerthError('HOME_UNKNOWN', 'no place for Berth’s state: BERTH_HOME, XDG_DATA_HOME and HOME are all unset', {
    hint: 'set BERTH_HOME to a directory of your own',
  });

export const homePathTooLong = (home: string, maxBytes: number): BerthError =>
  new BerthError('HOME_PATH_TOO_LONG', `${home} is too long a path: unix sockets below it would not fit`, {
    hint: `set BERTH_HOME to a path of at most ${maxBytes} bytes`,
    fields: { home, maxBytes },
  });

export const homeNotWritable = (home: string, cause: unknown): BerthError =>
  new BerthError('HOME_NOT_WRITABLE', `cannot write in ${home}: ${why(cause)}`, {
    hint: 'set BERTH_HOME to a directory that you may write, on a file system that is not read-only',
    fields: { home },
    cause,
  });

export const homeNotTraversable = (home: string, directory: string): BerthError =>
  new BerthError(
    'HOME_NOT_TRAVERSABLE',
    `the system users that run apps cannot reach ${home}: ${directory} is closed to others`,
    {
      hint: `set BERTH_HOME to another place such as /var/lib/berth, or allow passing with: chmod o+x ${directory}`,
      fields: { home, directory },
    },
  );

export const homeLocked = (file: string, pid: number | null): BerthError =>
  new BerthError('HOME_LOCKED', `another daemon runs in this home${pid === null ? '' : ` (process ${pid})`}: it holds ${file}`, {
    hint: 'use that one, stop it with `berth down`, or set BERTH_HOME to another directory',
    fields: { file, pid },
  });

export const homeLockFailed = (file: string, cause: unknown): BerthError =>
  new BerthError('HOME_LOCK_FAILED', `cannot lock ${file}: ${why(cause)}`, {
    hint: 'it holds no data: if no daemon runs in this home, remove it and try again',
    fields: { file },
    cause,
  });

export const toolsMissing = (tools: readonly string[], command: string, stderr = ''): BerthError =>
  new BerthError('TOOLS_MISSING', `Berth needs ${tools.join(' and ')}, which cannot be found or do not run here${said(stderr)}`, {
    hint: `run: ${command}`,
    fields: { tools, command },
  });

export const toolTooOld = (tool: string, version: string, least: string): BerthError =>
  new BerthError('TOOL_TOO_OLD', `${tool} here is ${version}, and Berth needs ${least} or newer`, {
    hint: `use a system that brings ${tool} ${least} (Debian 12, Ubuntu 24.04), or put a newer one first in PATH`,
    fields: { tool, version, least },
  });

const LINES_SHOWN = 10;

export const lastLines = (text: string): string => text.trimEnd().split('\n').slice(-LINES_SHOWN).join('\n');

const said = (stderr: string): string => (stderr.trim() === '' ? '' : `:\n${lastLines(stderr)}`);

const whyNotStarted = ({ errno, cwd }: { errno: string; cwd: string | undefined }): string => {
  switch (errno) {
    case 'ENOENT':
      return cwd === undefined ? 'it was not found' : `it or the directory ${cwd} was not found`;
    case 'EACCES':
      return 'it may not be executed';
    case 'E2BIG':
      return 'its arguments and environment are too large';
    default:
      return errno;
  }
};

const why = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
