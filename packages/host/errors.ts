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
