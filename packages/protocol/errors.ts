import { BerthError } from '@berth/core';
import type * as z from 'zod';
import type { ErrorBody } from './error-body.ts';

/** Nobody listens on the control socket. `reason` is the system's word for it: ENOENT, ECONNREFUSED, EACCES. */
export const platformUnreachable = (socketPath: string, reason: string, cause: unknown): BerthError =>
  reason === 'EACCES' || reason === 'EPERM'
    ? new BerthError('PLATFORM_FORBIDDEN', `the control socket ${socketPath} belongs to another user`, {
        hint: 'run the command as the user who started the platform (for root: with sudo), or choose another BERTH_HOME',
        fields: { socketPath, reason },
        cause,
      })
    : new BerthError('PLATFORM_NOT_RUNNING', `no platform answers on ${socketPath}`, {
        hint: 'start it with: berth up',
        fields: { socketPath, reason },
        cause,
      });

/** The home was never used: there is nothing that could be started. */
export const platformNeverStarted = (home: string): BerthError =>
  new BerthError('PLATFORM_NOT_RUNNING', `no platform runs with the home ${home}`, {
    hint: 'start one with: berth up',
    fields: { home },
  });

export const platformStopped = (home: string): BerthError =>
  new BerthError('PLATFORM_NOT_RUNNING', `the platform in ${home} was stopped with berth down`, {
    hint: 'start it again, with all its apps: berth up',
    fields: { home },
  });

export const connectionLost = (socketPath: string, cause: unknown): BerthError =>
  new BerthError('PLATFORM_CONNECTION_LOST', `the connection to the daemon on ${socketPath} broke off`, {
    hint: 'what was under way goes on or is undone when the daemon is back: see berth ps and berth receipt APP',
    fields: { socketPath },
    cause,
  });

/** Something answered that does not speak this API. */
export const answerNotUnderstood = (route: string, status: number, start: string): BerthError =>
  new BerthError('PLATFORM_ANSWER_INVALID', `the daemon answered ${route} with ${status} and not in Berth's words: ${start}`, {
    hint: 'the daemon may be of another version: restart it with berth down and berth up',
    fields: { route, status },
  });

/** An error that was sent, as it was thrown on the other side. */
export const receivedError = (body: z.infer<typeof ErrorBody>): BerthError =>
  new BerthError(body.code, body.message, { hint: body.hint, fields: body.fields ?? {} });
