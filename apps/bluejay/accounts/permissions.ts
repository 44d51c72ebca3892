/** Who may do what in the panel. Asked on every request, never remembered from the login. */

export type Role = 'admin' | 'editor' | 'author' | 'viewer';

export type Permission =
  /** Look at everything but leads, accounts and settings. */
  | 'panel'
  /** Write drafts, and change one's own. */
  | 'content.draft'
  /** Change what others wrote, publish, schedule, sort, delete. */
  | 'content.publish'
  | 'media'
  /** Read what visitors sent: personal data. */
  | 'leads'
  | 'settings'
  | 'accounts'
  | 'activity';

const PERMISSIONS: Readonly<Record<Role, readonly Permission[]>> = {
  viewer: ['panel'],
  author: ['panel', 'content.draft', 'media'],
  editor: ['panel', 'content.draft', 'content.publish', 'media', 'leads', 'activity'],
  admin: ['panel', 'content.draft', 'content.publish', 'media', 'leads', 'activity', 'settings', 'accounts'],
};

export const ROLES: readonly Role[] = ['admin', 'editor', 'author', 'viewer'];

export const can = (account: { readonly role: Role }, permission: Permission): boolean =>
  PERMISSIONS[account.role].includes(permission);
