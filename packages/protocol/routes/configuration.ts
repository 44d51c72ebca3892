/** Variables and secrets. */
import * as z from 'zod';
import { Operation, SecretEntry, Variable } from '../resources.ts';
import { AppParams, variableName } from './parameters.ts';
import type { RouteRow } from './route.ts';

export const configurationRoutes = {
  environment: {
    method: 'GET',
    path: '/v1/apps/:app/environment',
    summary: 'Variables set beside the manifest, sorted by name',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ variables: z.array(Variable) }),
  },
  changeEnvironment: {
    method: 'PATCH',
    path: '/v1/apps/:app/environment',
    summary: 'Set variables, or remove them with null; a running app gets a new release',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ changes: z.record(variableName, z.string().nullable()) }),
    response: Operation,
  },
  secrets: {
    method: 'GET',
    path: '/v1/apps/:app/secrets',
    summary: 'Names of the secrets of an app, without their values',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ secrets: z.array(SecretEntry) }),
  },
  revealSecrets: {
    method: 'POST',
    path: '/v1/apps/:app/secrets/reveal',
    summary: 'Secrets of an app with their values; written to the audit log',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ secrets: z.array(SecretEntry) }),
  },
  changeSecrets: {
    method: 'PATCH',
    path: '/v1/apps/:app/secrets',
    summary: 'Set, remove (null), generate or rotate secrets; a running app gets a new release',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({
      set: z.record(variableName, z.string().nullable()).default({}),
      generate: z.array(variableName).default([]),
      /** A second value, believed beside the one that is used; null: one is made. */
      offer: z.record(variableName, z.string().nullable()).default({}),
      /** The second value is used from now on, the former believed beside it. */
      exchange: z.array(variableName).default([]),
      /** The second value is believed no more. */
      finish: z.array(variableName).default([]),
    }),
    response: Operation,
  },
} as const satisfies Record<string, RouteRow>;
