import { BerthError } from '@berth/core';

/** restic's own words, which hold no secret: the password and the keys are in its environment alone. */
export const treeTargetFailed = (target: string, { doing, said }: { doing: string; said: string }): BerthError =>
  new BerthError('TREE_TARGET_FAILED', `${target}: ${doing} failed: ${lastWords(said)}`, {
    hint: 'check that the target is there and may be written and read; what could not be saved is tried again',
    fields: { target, doing, said: lastWords(said) },
  });

/** The target answers, and what it answers is not what was stored. */
export const treeDamaged = (target: string, { doing, said }: { doing: string; said: string }): BerthError =>
  new BerthError('TREE_DAMAGED', `${target}: what is stored there is damaged, ${doing} failed: ${lastWords(said)}`, {
    hint: 'take another target, or an older moment; what is damaged there stays so: to begin anew, remove the target and add it with an empty place',
    fields: { target, doing, said: lastWords(said) },
  });

/** `newest` is the moment of the newest copy that can be read and would do, milliseconds since 1970. */
export const treeRecordDamaged = (target: string, { tag, newest, said }: RecordDamage): BerthError => {
  const moment = newest === undefined ? undefined : new Date(newest).toISOString();
  const there = moment === undefined ? 'no other copy would do' : `the newest one that can be read is that of ${moment}`;
  return new BerthError('TREE_DAMAGED', `${target}: records of copies there cannot be read, perhaps of ${tag}; ${there}`, {
    hint: `take another target${moment === undefined ? '' : `, or ask for the moment ${moment} and lose what may have come after it`}`,
    fields: { target, tag, said: lastWords(said), ...(newest !== undefined && { newest }) },
  });
};

type RecordDamage = { readonly tag: string; readonly newest: number | undefined; readonly said: string };

export const treeTargetHangs = (target: string, { doing, ms }: { doing: string; ms: number }): BerthError =>
  new BerthError('TREE_TARGET_HANGS', `${target}: ${doing} was given up after ${Math.round(ms / 1000)} s without an answer`, {
    hint: 'see whether the target is reachable and how busy it is; it is tried again',
    fields: { target, doing, ms },
  });

export const treeKeyWrong = (target: string): BerthError =>
  new BerthError('TREE_KEY_WRONG', `${target}: the trees of files there were saved with another key`, {
    hint: 'the target was used by another platform: use another directory or prefix, or recover that platform with its kit',
    fields: { target },
  });

export const treeLocked = (target: string, by: string): BerthError =>
  new BerthError('TREE_LOCKED', `${target}: the trees of files are locked by ${by}`, {
    hint: 'it is tried again; if that machine is gone for good, its lock is removed an hour after its last sign of life',
    fields: { target, by },
  });

export const treesGone = (target: string): BerthError =>
  new BerthError('TREES_GONE', `${target}: the trees of files that were there are gone`, {
    hint: 'see that the disk is mounted and nothing was deleted; to begin anew, remove the target and add it again',
    fields: { target },
  });

export const treeMissing = (target: string, { tag, wanted }: { tag: string; wanted: string }): BerthError =>
  new BerthError('TREE_MISSING', `${target} holds no copy of ${tag} ${wanted}`, {
    hint: 'ask which times can be gone back to, or take another target',
    fields: { target, tag, wanted },
  });

export const treeIncomplete = (target: string, { tag, unread }: { tag: string; unread: readonly string[] }): BerthError =>
  new BerthError(
    'TREE_INCOMPLETE',
    `${unread.length} files of ${tag} could not be read and are not in its copy at ${target}: ${shortList(unread)}`,
    {
      hint: 'give Berth the right to read them, or keep them elsewhere; the rest was saved',
      fields: { target, tag, count: unread.length, unread: unread.slice(0, UNREAD_SHOWN) },
    },
  );

export const treeUnreadable = (directory: string, why: string): BerthError =>
  new BerthError('TREE_UNREADABLE', `${directory} cannot be saved: ${why}`, {
    hint: 'a files store is a directory that Berth may read',
    fields: { directory, why },
  });

export const treeNotEqual = (target: string, { tag, why }: { tag: string; why: string }): BerthError =>
  new BerthError('TREE_NOT_EQUAL', `what came back of ${tag} from ${target} is not what was saved: ${why}`, {
    hint: 'nothing was put in place; try again, or take another target',
    fields: { target, tag, why },
  });

export const treeInTheWay = (into: string): BerthError =>
  new BerthError('TREE_IN_THE_WAY', `${into} exists already: nothing is brought back over it`, {
    hint: 'name a place that does not exist, in a directory that does',
    fields: { into },
  });

export const treeTagInvalid = (tag: string): BerthError =>
  new BerthError('TREE_TAG_INVALID', `"${tag}" cannot name a tree`, {
    hint: 'letters, digits, ":", "_" and "-", 128 at most',
    fields: { tag },
  });

export const filesBackupTimedOut = (ids: readonly string[], { ms, why }: { ms: number; why: string }): BerthError =>
  new BerthError('FILES_BACKUP_TIMED_OUT', `not safe at every target after ${Math.round(ms / 1000)} s: ${why}`, {
    hint: 'what is there now is still on its way; see the target that is named, and ask again',
    fields: { ids, ms, why },
  });

export const filesStopped = (): BerthError =>
  new BerthError('FILES_STOPPED', 'files are not saved any more: Berth is being stopped, or the store is no longer protected', {
    hint: 'start Berth again and ask again',
  });

const UNREAD_SHOWN = 20;

const shortList = (names: readonly string[]): string =>
  names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;

const lastWords = (said: string): string => said.trim().split('\n').slice(-3).join(' · ').slice(0, 600) || 'it said nothing';
