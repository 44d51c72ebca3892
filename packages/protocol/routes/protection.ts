/** Backups: where they go, what they hold, and the way back. */
import * as z from 'zod';
import { Drill, TargetCheck, TargetStatus, TimeLine, WrittenKit } from '../protection.ts';
import { Operation } from '../resources.ts';
import { AppParams } from './parameters.ts';
import type { RouteRow } from './route.ts';

const targetName = z.string().regex(/^[a-z][a-z0-9-]{0,29}$/, 'must be a target name: lower-case letters, digits and "-"');
const point = z.string().regex(/^p[1-9][0-9]{0,9}$/, 'must be a restore point such as p12');
const moment = z.iso.datetime({ offset: true });

export const protectionRoutes = {
  targets: {
    method: 'GET',
    path: '/v1/targets',
    summary: 'Where backups go',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: z.object({ targets: z.array(TargetStatus), kit: WrittenKit.nullable() }),
  },
  addTarget: {
    method: 'POST',
    path: '/v1/targets',
    summary: 'Try a target out by writing and reading, and send backups to it from now on, beginning with all that exists',
    status: 200,
    sends: 'json',
    returns: 'json',
    body: z.strictObject({
      url: z.string().min(1).max(2_000).describe('dir:/path or s3://bucket/prefix?endpoint=…; holds no credentials'),
      name: targetName.optional(),
      credentials: z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }).optional(),
      takeOver: z.boolean().default(false).describe('The vault there belongs to another machine that is lost: take it from it'),
    }),
    response: z.object({ target: TargetStatus, checks: z.array(TargetCheck) }),
  },
  removeTarget: {
    method: 'DELETE',
    path: '/v1/targets/:target',
    summary: 'Send nothing to a target any more; what it holds stays there',
    status: 204,
    sends: 'none',
    returns: 'empty',
    params: z.object({ target: targetName }),
  },
  kit: {
    method: 'POST',
    path: '/v1/kit',
    summary:
      'The recovery kit: all that a new machine needs to bring everything back. It opens every backup; written to the audit log',
    status: 200,
    sends: 'none',
    returns: 'json',
    response: z.object({ kit: z.string(), targets: z.array(z.string()) }),
  },
  backup: {
    method: 'POST',
    path: '/v1/apps/:app/backup',
    summary: 'Take a restore point now, and end once every target has it',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ label: z.string().min(1).max(200).optional() }),
    response: Operation,
  },
  timeLine: {
    method: 'GET',
    path: '/v1/apps/:app/restore-points',
    summary: 'What the data of an app can go back to',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: TimeLine,
  },
  restore: {
    method: 'POST',
    path: '/v1/apps/:app/restore',
    summary: 'Bring the data of an app back to a moment, in place while requests wait, or into a directory',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z
      .strictObject({
        at: moment.optional().describe('A moment'),
        to: point.optional().describe('A restore point'),
        stores: z.array(z.string().min(1)).min(1).optional().describe('Only these; else all that the app has'),
        into: z
          .string()
          .startsWith('/')
          .max(4_096)
          .optional()
          .describe('A directory that does not exist or is empty; the app goes on as it is'),
        target: targetName.optional().describe('Only from this target; else from the nearest that has it'),
      })
      .refine(({ at, to }) => (at === undefined) !== (to === undefined), { path: ['at'], error: 'give either `at` or `to`' }),
    response: Operation,
  },
  drill: {
    method: 'POST',
    path: '/v1/apps/:app/drill',
    summary: 'Rehearse a restore into a scratch place, judge what came back, and remember how long it took',
    status: 202,
    sends: 'json',
    returns: 'json',
    params: AppParams,
    body: z.strictObject({ target: targetName.optional() }),
    response: Operation,
  },
  drills: {
    method: 'GET',
    path: '/v1/apps/:app/drills',
    summary: 'Rehearsed restores of an app, newest first',
    status: 200,
    sends: 'none',
    returns: 'json',
    params: AppParams,
    response: z.object({ drills: z.array(Drill) }),
  },
} as const satisfies Record<string, RouteRow>;
