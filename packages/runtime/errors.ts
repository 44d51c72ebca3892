import { BerthError } from '@berth/core';

export const instanceIdInvalid = (id: string): BerthError =>
  new BerthError('RUNTIME_ID_INVALID', `"${id}" cannot be the id of an instance`, {
    hint: 'letters, digits, ".", "-" and "_", at most 128 of them, a letter or digit first',
    fields: { id },
  });

export const environmentNameInvalid = (id: string, name: string): BerthError =>
  new BerthError('RUNTIME_ENV_INVALID', `${id} cannot be started: "${name}" cannot be the name of an environment variable`, {
    hint: 'use letters, digits and "_", not starting with a digit',
    fields: { id, name },
  });

export const userNeedsRoot = (id: string, user: string): BerthError =>
  new BerthError('RUNTIME_USER_NEEDS_ROOT', `${id} cannot be started as the user ${user}: only root may do that`, {
    hint: 'run Berth as root, or let its apps run as the user that runs Berth',
    fields: { id, user },
  });

export const startFailed = (id: string, details: { why: string; log: string; cause?: unknown }): BerthError =>
  new BerthError(
    'RUNTIME_START_FAILED',
    `${id} could not be started: ${details.why}${details.log === '' ? '' : `\n${details.log}`}`,
    {
      hint: 'this is about the machine, not about the program: see the log of the instance and `berth doctor`',
      fields: { id },
      cause: details.cause,
    },
  );

export const stopFailed = (id: string, pids: readonly number[]): BerthError =>
  new BerthError('RUNTIME_STOP_FAILED', `${id} cannot be stopped: process ${pids.join(', ')} did not end on SIGKILL`, {
    hint: 'it waits for the kernel, most often for a disk or a network file system; see `ps -o stat,wchan -p PID`',
    fields: { id, pids },
  });

export const stillRunning = (id: string): BerthError =>
  new BerthError('RUNTIME_STILL_RUNNING', `the records of ${id} cannot be removed while it runs`, {
    hint: 'stop it first',
    fields: { id },
  });

export const recordUnreadable = (file: string, cause: unknown): BerthError =>
  new BerthError('RUNTIME_RECORD_UNREADABLE', `${file} is not the record of an instance`, {
    hint: 'it was damaged or written by a newer Berth; when no process of that instance runs, remove its directory',
    fields: { file },
    cause,
  });
