/** What happens in a document, told to the person before it: in the sidebar, as a toast, to a screen reader. */
import { findLanguage } from '../domain/languages.ts';
import { SYSTEM_USER, type UserInfo } from '../domain/messages.ts';
import type { PadEvent } from '../session/pad-event.ts';
import { durationWords } from './expiry.ts';
import type { Panel } from './panel.ts';
import { collides, freeHue, type Participant } from './participant.ts';
import { announce, showToast } from './toast.ts';

export interface PadNews {
  tell(event: PadEvent): void;
  /** The browser has no room for what is unsent. Said once. */
  warnOfLoss(): void;
}

export type PadNewsOptions = {
  readonly panel: Panel;
  me(): Participant;
  token(): string | null;
  setToken(token: string | null): void;
  showLanguage(languageId: string): void;
  showCursors(): void;
  users(): ReadonlyMap<number, UserInfo>;
  othersHues(): readonly number[];
  setHue(hue: number): void;
  rescue(lost: string, why: string): Promise<void>;
  readonly signal: AbortSignal;
};

/** Who is told within so long after a welcome was there before: no news. */
const GREETING_MS = 1_500;

export function createPadNews(options: PadNewsOptions): PadNews {
  const { panel, me, token, setToken, showLanguage, showCursors, users, signal } = options;
  let own: number | null = null;
  let welcomedAt = 0;
  let isFirstWelcome = true;
  let isTokenTold = false;
  let isWarned = false;
  let hueTimer: ReturnType<typeof setTimeout> | undefined;
  let tokenTimer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener('abort', () => {
    clearTimeout(hueTimer);
    clearTimeout(tokenTimer);
  });
  const isGreeting = (): boolean => Date.now() - welcomedAt < GREETING_MS;

  const showPeople = (): void => {
    panel.showPeople(users());
    showCursors();
  };
  /** Whoever comes gives way to those who are there, once all of them are known. */
  const avoidOthersHues = (): void => {
    clearTimeout(hueTimer);
    hueTimer = setTimeout(() => {
      const others = options.othersHues();
      if (collides(me().hue, others)) options.setHue(freeHue(others));
    }, 200);
  };
  const welcomed = ({ welcome }: Extract<PadEvent, { kind: 'welcome' }>): void => {
    own = welcome.user;
    welcomedAt = Date.now();
    isTokenTold = false;
    panel.welcome(welcome);
    showPeople();
    if (isFirstWelcome) avoidOthersHues();
    isFirstWelcome = false;
    // A protected document tells its token right after its welcome; without that, the one in the address opens nothing.
    clearTimeout(tokenTimer);
    tokenTimer = setTimeout(() => !isTokenTold && token() !== null && setToken(null), GREETING_MS);
  };
  const otpChanged = ({ otp, own: isOwn, name }: Extract<PadEvent, { kind: 'otp' }>): void => {
    isTokenTold = true;
    const isNews = otp !== token() && name !== '';
    setToken(otp);
    if (!isNews) return;
    const done = otp === null ? 'unlocked' : 'locked';
    if (isOwn) showToast({ text: `The document is ${done}${otp === null ? '' : '. Share its new link'}` });
    else showToast({ text: `${name} ${done} the document` });
  };
  const languageChanged = ({ language, user, name, own: isOwn }: Extract<PadEvent, { kind: 'language' }>): void => {
    showLanguage(language);
    if (user === SYSTEM_USER) return;
    const words = findLanguage(language)?.name ?? language;
    showToast({ text: isOwn ? `Language set to ${words}` : `${name} set the language to ${words}` });
  };

  return {
    tell(event) {
      switch (event.kind) {
        case 'welcome':
          return welcomed(event);
        case 'joined':
        case 'changed':
          showPeople();
          if (event.id !== own && event.kind === 'joined' && !isGreeting()) announce(`${event.info.name} is here`);
          return;
        case 'left':
          showPeople();
          if (event.info !== null && event.id !== own) announce(`${event.info.name} has left`);
          return;
        case 'cursor':
          return showCursors();
        case 'language':
          return languageChanged(event);
        case 'otp':
          return otpChanged(event);
        case 'expiry':
          panel.showExpiry(event.expiry);
          return showToast({
            text: `${event.own ? 'The document' : `${event.name}: the document`} is deleted after ${durationWords(event.expiry.hours)} without a visit`,
          });
        case 'viewLink':
          panel.showViewLink(event.id);
          return showToast({
            text: `${event.own ? 'The read-only link' : `${event.name}: the read-only link`} is ${event.id === null ? 'revoked' : 'ready'}`,
          });
        case 'rejected':
          return void options.rescue(event.lost, event.code === 'READ_ONLY' ? 'This link is read-only' : 'The document is full');
        case 'superseded':
          // Most likely a second copy of what is in the text by now; shown only where there is something to see.
          if (event.lost.trim() !== '') void options.rescue(event.lost, 'An older copy of this tab had these changes');
          return;
        case 'merged':
          return showToast({ text: 'Your text and that of the server were merged' });
        case 'phase':
          if (event.phase === 'offline') showCursors();
          return;
        case 'pong':
          return;
      }
    },
    warnOfLoss() {
      if (isWarned) return;
      isWarned = true;
      const text = 'This browser has no room to keep unsaved changes: leave the page open until it is connected again';
      showToast({ text, kind: 'error', durationMs: 15_000 });
    },
  };
}
