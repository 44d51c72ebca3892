import { BerthError } from '@berth/core';

/** The daemon's database fails its own integrity check. Nothing that runs is touched. */
export const journalCorrupt = (file: string, detail: string, cause?: unknown) =>
  new BerthError('JOURNAL_CORRUPT', `the state database ${file} is damaged: ${detail}`, {
    hint: `apps and edge keep running; put a good copy of ${file} in its place (a copy from before each upgrade is beside it), then start again`,
    fields: { file },
    cause,
  });

/** The home was written by a newer Berth. */
export const journalTooNew = (file: string, found: number, known: number) =>
  new BerthError('JOURNAL_TOO_NEW', `the state database ${file} has format ${found}, this Berth knows up to ${known}`, {
    hint: 'use the newer Berth that wrote it',
    fields: { file, found, known },
  });

/** No space is left in the home; what runs goes on. */
export const diskFull = (file: string, cause: unknown) =>
  new BerthError('HOME_DISK_FULL', `no space is left on the disk that holds ${file}`, {
    hint: 'free some space (see the apps folder of the home), then try again; nothing was changed',
    fields: { file },
    cause,
  });

/** No app of that name is known. */
export const appNotFound = (app: string, known: readonly string[]) =>
  new BerthError('APP_NOT_FOUND', `there is no app called ${app}`, {
    hint: known.length === 0 ? 'deploy one with: berth deploy DIR' : `known apps: ${known.join(', ')}`,
    fields: { app, known },
  });

/** The app has no such release, or it was pruned. */
export const releaseNotFound = (app: string, release: number) =>
  new BerthError('RELEASE_NOT_FOUND', `${app} has no release ${release}`, {
    hint: `list what there is with: berth releases ${app}`,
    fields: { app, release },
  });

/** No operation has that number. */
export const operationNotFound = (id: number) =>
  new BerthError('OPERATION_NOT_FOUND', `there is no operation ${id}`, { hint: 'see: berth events', fields: { id } });
