/** Writes what the server sends, as JSON text. By hand where numbers are larger than JavaScript's, or text is JSON already. */
import { type CursorData, SYSTEM_USER, type ServerMessage, type UserId, type UserInfo } from './messages.ts';

/** An operation that is text already: from the journal it goes to the wire as it is. */
export type RenderedItem = { readonly author: UserId; readonly json: string };

/** `{"History":…}` for the items from index `from` up to, not including, `to`; `start` is the receiver's number of the first. */
export function renderHistory(start: number, items: readonly RenderedItem[], from = 0, to = items.length): string {
  let rendered = `{"History":{"start":${start},"operations":[`;
  for (let index = from; index < to; index += 1) {
    const item = items[index];
    if (item === undefined) break;
    rendered += `${index === from ? '' : ','}{"id":${item.author},"operation":${item.json}}`;
  }
  return `${rendered}]}}`;
}

export const renderLanguage = (language: string, user: UserId, name: string): string =>
  `{"Language":{"language":${JSON.stringify(language)},"user_id":${user},"user_name":${JSON.stringify(name)}}}`;

/** What a newcomer is told of the language: the system set it, since who did is not kept. */
export const renderInitialLanguage = (language: string): string => renderLanguage(language, SYSTEM_USER, 'System');

/** Without `info`: that user has left. */
export const renderUserInfo = (id: number, info?: UserInfo): string =>
  info === undefined ? `{"UserInfo":{"id":${id}}}` : JSON.stringify({ UserInfo: { id, info } });

export const renderUserCursor = (id: number, data: CursorData): string => JSON.stringify({ UserCursor: { id, data } });

/** Every message whose numbers are within JavaScript's. */
export const renderMessage = (message: Exclude<ServerMessage, { History: unknown } | { Language: unknown }>): string =>
  JSON.stringify(message);
