/** Who may do what with content. Asked with every request; what a role may in general is said by `accounts/permissions.ts`. */
import { can, type Permission } from '../accounts/permissions.ts';
import type { Account } from '../accounts/session.ts';
import type { AnyRecord, ContentType } from '../content/content-type.ts';
import { ContentError } from '../content/errors.ts';

const isOfSettings = (type: ContentType): boolean => type.admin.permission === 'settings';

export const permissionToRead = (type: ContentType): Permission => (isOfSettings(type) ? 'settings' : 'panel');

export const mayRead = (account: Account, type: ContentType): boolean => can(account, permissionToRead(type));

/** Publish, schedule, sort, delete, and change what others wrote. */
export const mayPublish = (account: Account, type: ContentType): boolean =>
  can(account, isOfSettings(type) ? 'settings' : 'content.publish');

/** Whoever may only write drafts can make none of what visitors see as soon as it is saved. */
export const mayCreate = (account: Account, type: ContentType): boolean =>
  type.kind === 'collection' &&
  (mayPublish(account, type) || (!isOfSettings(type) && type.lifecycle === 'publication' && can(account, 'content.draft')));

type Owned = Pick<AnyRecord, 'createdBy' | 'status'>;

export const mayEdit = (account: Account, type: ContentType, record: Owned): boolean =>
  mayPublish(account, type) || (mayCreate(account, type) && record.status === 'draft' && record.createdBy === account.id);

export const notPermitted = (what: string): ContentError =>
  new ContentError('CONTENT_NOT_PERMITTED', 403, `Your role does not permit you to ${what}.`);
