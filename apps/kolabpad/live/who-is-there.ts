/** What a newcomer is told of a document beside its text: the language, who is there, and where. */
import type { Document } from '../domain/document.ts';
import { renderInitialLanguage, renderUserCursor, renderUserInfo } from '../domain/server-message.ts';

export function whoIsThere({ language, users, cursors }: Document): string[] {
  const messages = language === null ? [] : [renderInitialLanguage(language)];
  for (const [user, info] of users) messages.push(renderUserInfo(user, info));
  for (const [user, data] of cursors) messages.push(renderUserCursor(user, data));
  return messages;
}
