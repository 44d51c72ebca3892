/** Where a record is edited, saved, and its typing kept. The id of a new one is 0 throughout. */
import type { ContentType } from '../../content/content-type.ts';

export const editAddress = (type: ContentType, id: number): string => {
  if (type.kind === 'singleton') return `/admin/${type.admin.path}`;
  return id === 0 ? `/admin/${type.admin.path}/new` : `/admin/${type.admin.path}/${id}/edit`;
};

export const saveAddress = (type: ContentType, id: number): string =>
  id === 0 || type.kind === 'singleton' ? `/admin/${type.admin.path}` : `/admin/${type.admin.path}/${id}`;

export const workingCopyAddress = (type: ContentType, id: number): string => `/admin/${type.admin.path}/${id}/working-copy`;
