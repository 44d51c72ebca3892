/** The sidebar and the bar of one document: shows how things are, and asks for what its controls are for. */
import { isReadOnlyId } from '../domain/document-names.ts';
import type { Expiry, UserInfo, Welcome } from '../domain/messages.ts';
import * as api from './api.ts';
import { confirmed } from './dialog.ts';
import { find } from './elements.ts';
import { createExpiryMenu } from './expiry.ts';
import { createLanguageMenu } from './language-menu.ts';
import { createOtpSwitch } from './otp.ts';
import type { Participant } from './participant.ts';
import { createPresence, type PresenceActions } from './presence.ts';
import { createShare } from './share.ts';
import { showToast } from './toast.ts';

export type PanelActions = PresenceActions & {
  chooseLanguage(languageId: string): void;
  /** The server has deleted it. */
  deleting(): void;
};

export type PanelOptions = {
  readonly id: string;
  token(): string | null;
  /** Null before the first connection. */
  welcome(): Welcome | null;
  me(): Participant;
  readonly actions: PanelActions;
  readonly signal: AbortSignal;
};

export interface Panel {
  welcome(welcome: Welcome): void;
  showToken(): void;
  showViewLink(id: string | null): void;
  showExpiry(expiry: Expiry): void;
  showLanguage(languageId: string): void;
  showPeople(users: ReadonlyMap<number, UserInfo>): void;
}

const ALREADY_GONE = 404;

export function createPanel({ id, token, welcome, me, actions, signal }: PanelOptions): Panel {
  const isViewer = (): boolean => welcome()?.role === 'viewer' || (welcome() === null && isReadOnlyId(id));
  let viewLink: string | null = null;

  const caller = (): api.Caller | null => {
    const current = welcome();
    if (current === null) {
      showToast({ text: 'Not connected yet', kind: 'error' });
      return null;
    }
    return { id, userId: current.user, userName: me().name, ticket: current.ticket };
  };
  /** Says why not when it fails; the broadcast that follows a success shows it. */
  const ask = async (what: (as: api.Caller) => Promise<unknown>): Promise<void> => {
    const as = caller();
    if (as === null) return;
    try {
      await what(as);
    } catch (error) {
      showToast({ text: error instanceof api.RefusedCall ? error.message : 'The server cannot be reached', kind: 'error' });
    }
  };

  const share = createShare(
    { createViewLink: () => ask(api.createViewLink), revokeViewLink: () => ask(api.revokeViewLink) },
    signal,
  );
  const otp = createOtpSwitch((lock) => ask((as) => (lock ? api.protect(as, token()) : api.unprotect(as, token()))), signal);
  const expiry = createExpiryMenu((hours) => ask((as) => api.setExpiry(as, hours)), signal);
  const languages = createLanguageMenu(actions.chooseLanguage, signal);
  const presence = createPresence(actions, signal);

  const deleteNow = async (): Promise<void> => {
    const yes = await confirmed({
      title: 'Delete this document?',
      text: 'The text is deleted for everybody and for good, and everybody is disconnected. This cannot be undone.',
      confirm: 'Delete it',
    });
    const as = yes ? caller() : null;
    if (as === null) return;
    actions.deleting();
    await ask((by) => api.deleteDocument(by).catch(ignoreGone));
  };
  find('delete', HTMLButtonElement).addEventListener('click', () => void deleteNow(), { signal });
  find('badge-guessable', HTMLElement).addEventListener(
    'click',
    () =>
      showToast({
        text: 'The name of this document is short or was chosen, so others may come upon it. Lock it, or start a new one.',
        durationMs: 8_000,
      }),
    { signal },
  );

  const showSharing = (): void => share.show({ id, token: token(), viewer: isViewer(), viewLink });
  const showRole = (): void => {
    document.body.classList.toggle('is-viewer', isViewer());
    find('badge-read-only', HTMLElement).hidden = !isViewer();
    // The id of a read-only link is no name: what it shows has one, which readers do not know.
    find('document-name', HTMLElement).textContent = isReadOnlyId(id) ? 'shared with you' : id;
  };
  const panel: Panel = {
    welcome(current) {
      viewLink = current.viewLink;
      find('badge-guessable', HTMLElement).hidden = current.guessable !== true;
      showRole();
      showSharing();
      expiry.show(current.expiry);
    },
    showToken() {
      otp.show(token());
      showSharing();
    },
    showViewLink(link) {
      viewLink = link;
      showSharing();
    },
    showExpiry: (value) => expiry.show(value),
    showLanguage: (languageId) => languages.show(languageId, { readOnly: isViewer() }),
    showPeople(users) {
      const own = welcome()?.user;
      const others = [...users].filter(([user]) => user !== own).map(([user, info]) => ({ id: user, info }));
      presence.show({ ...me(), viewer: isViewer() }, others);
    },
  };
  find('badge-guessable', HTMLElement).hidden = true;
  showRole();
  panel.showToken();
  return panel;
}

/** Somebody else was quicker. */
function ignoreGone(error: unknown): void {
  if (!(error instanceof api.RefusedCall && error.status === ALREADY_GONE)) throw error;
}
