import { BerthError } from '@berth/core';
import type * as z from 'zod';

/** `where` is the part of the request: params, query, headers or body. */
export const badRequest = (where: string, issues: readonly z.core.$ZodIssue[]): BerthError => {
  const found = issues.map((issue) => ({ field: [where, ...issue.path].join('.'), reason: issue.message }));
  return new BerthError('API_BAD_REQUEST', found.map(({ field, reason }) => `${field}: ${reason}`).join('; '), {
    hint: 'GET /v1/openapi.json describes every route and its fields',
    fields: { issues: found },
  });
};

export const bodyNotJson = (reason: string): BerthError =>
  new BerthError('API_BAD_REQUEST', `the body is not JSON: ${reason}`, {
    hint: 'send one JSON document in UTF-8',
    fields: { issues: [{ field: 'body', reason }] },
  });

export const bodyTooLarge = (limitBytes: number): BerthError =>
  new BerthError('API_BODY_TOO_LARGE', `the request body is larger than ${limitBytes} bytes`, {
    hint: 'for a deploy: leave out what the app does not need with .gitignore or .berthignore',
    fields: { limitBytes },
  });

export const routeNotFound = (method: string, path: string, nearest: string): BerthError =>
  new BerthError('API_ROUTE_NOT_FOUND', `there is no ${method} ${path}`, {
    hint: `did you mean ${nearest}? GET /v1/openapi.json lists all routes`,
    fields: { method, path },
  });

export const methodNotAllowed = (method: string, path: string, allowed: readonly string[]): BerthError =>
  new BerthError('API_METHOD_NOT_ALLOWED', `${path} does not take ${method}`, {
    hint: `it takes ${allowed.join(' and ')}`,
    fields: { method, path, allowed },
  });

export const socketInUse = (path: string): BerthError =>
  new BerthError('API_SOCKET_IN_USE', `another daemon already answers on ${path}`, {
    hint: 'use it (berth ps), stop it (berth down), or choose another BERTH_HOME for a second platform',
    fields: { path },
  });

export const socketPathBlocked = (path: string): BerthError =>
  new BerthError('API_SOCKET_BLOCKED', `${path} exists and is not a socket`, {
    hint: 'look at what it is, then move it away',
    fields: { path },
  });

export const socketPathTooLong = (path: string, limitBytes: number): BerthError =>
  new BerthError(
    'API_SOCKET_PATH_TOO_LONG',
    `the path ${path} is longer than the ${limitBytes} bytes that a unix socket may have`,
    {
      hint: 'choose a shorter BERTH_HOME',
      fields: { path, limitBytes },
    },
  );

export const socketNotOpened = (path: string, cause: NodeJS.ErrnoException): BerthError =>
  new BerthError('API_SOCKET_NOT_OPENED', `the control socket ${path} could not be opened: ${cause.message}`, {
    hint: 'the directory must exist, be writable for this user and lie on a local file system that is not read-only',
    fields: { path, reason: cause.code ?? null },
    cause,
  });
