import { BerthError } from '@berth/core';
import type { TargetCheck } from '@berth/protocol';

/** There is no target of that name. */
export const targetNotFound = (name: string, known: readonly string[]) =>
  new BerthError('TARGET_NOT_FOUND', `there is no target called ${name}`, {
    hint: known.length === 0 ? 'add one with: berth target add dir:/path' : `there are: ${known.join(', ')}`,
    fields: { name, known },
  });

/** The name or the place is a target already. */
export const targetExists = (name: string, url: string) =>
  new BerthError('TARGET_TAKEN', `${url} cannot be added: the target ${name} is there already`, {
    hint: `choose another --name or place, or remove the old one: berth target rm ${name}`,
    fields: { name, url },
  });

/** Something did not hold when the target was tried out. */
export const targetRefused = (url: string, checks: readonly TargetCheck[]) => {
  const failed = checks.filter(({ outcome }) => outcome === 'failed');
  return new BerthError(
    'TARGET_REFUSED',
    `${url} cannot be a target:${failed.map(({ name, evidence }) => `\n    not so: ${name} (${evidence})`).join('')}`,
    { hint: 'mend that and add it again; nothing was changed', fields: { url, checks } },
  );
};

/** The app has no data. */
export const noStores = (app: string) =>
  new BerthError('STORE_NONE', `${app} has no stores that could be brought back`, {
    hint: 'name its data under `stores` in berth.yaml and deploy it',
    fields: { app },
  });

/** The store does not exist in the release that serves. */
export const storeNotFound = (app: string, store: string, known: readonly string[]) =>
  new BerthError('STORE_NOT_FOUND', `${app} has no store called ${store}`, {
    hint: known.length === 0 ? `${app} has no stores` : `its stores: ${known.join(', ')}`,
    fields: { app, store, known },
  });

/** The restore point does not exist, is over, or belongs to another app; or no data of that release is known. */
export const pointNotFound = (app: string, point: string | null, release: number | null) =>
  new BerthError(
    'RESTORE_POINT_NOT_FOUND',
    point === null
      ? `no restore point tells what the data of ${app} was when release ${release} served last`
      : `${app} has no restore point ${point}`,
    { hint: `see what there is with: berth restore-points ${app}`, fields: { app, point, release } },
  );

/** The store did not exist at that moment. */
export const storeNotInPoint = (app: string, store: string, point: string) =>
  new BerthError('STORE_NOT_IN_POINT', `the store ${store} of ${app} did not exist yet at ${point}`, {
    hint: `see what there is with: berth restore-points ${app}`,
    fields: { app, store, point },
  });

/** A restore point could not be taken. */
export const pointNotTaken = (app: string, reason: string) =>
  new BerthError('RESTORE_POINT_NOT_TAKEN', `no restore point of ${app} could be taken: ${reason}`, {
    hint: `see how its stores stand with: berth ps ${app}`,
    fields: { app, reason },
  });

/** A directory that would be written over. */
export const intoNotEmpty = (directory: string) =>
  new BerthError('RESTORE_INTO_TAKEN', `${directory} is not empty`, {
    hint: 'name a directory that does not exist yet',
    fields: { directory },
  });

/** Nothing can be brought back, since nothing was ever sent anywhere. */
export const noSource = (app: string, store: string, target: string | undefined) =>
  new BerthError(
    'RESTORE_SOURCE_MISSING',
    target === undefined
      ? `the store ${store} of ${app} has no target that it could come back from`
      : `the target ${target} does not hold the store ${store} of ${app}`,
    { hint: 'see where backups go with: berth target list', fields: { app, store, target } },
  );

/** A kit would lead nowhere. */
export const noTargetForKit = () =>
  new BerthError('KIT_NO_TARGET', 'there is no target outside of this machine’s own home, so a recovery kit would lead nowhere', {
    hint: 'add one first: berth target add s3://bucket/prefix?endpoint=…  or  dir:/mnt/other-disk',
  });

/** What came back in a rehearsal cannot be relied on. */
export const drillFailed = (app: string, outcome: string, why: string) =>
  new BerthError(
    outcome === 'inconclusive' ? 'DRILL_INCONCLUSIVE' : 'DRILL_FAILED',
    outcome === 'inconclusive'
      ? `the rehearsal of ${app} could not be finished: ${why}`
      : `what came back of ${app} is not usable: ${why}`,
    {
      hint:
        outcome === 'inconclusive'
          ? `run it again once the target answers: berth drill ${app}`
          : 'do not rely on this backup: try another target with --target, and send a new complete copy with: berth backup',
      fields: { app, why },
    },
  );
