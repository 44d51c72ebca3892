/** How a pad ends, or seems to: nobody is put out of a document without the text in hand and without knowing why. */
import type { Ending } from './connection.ts';
import { askForToken } from './authentication.ts';
import { fileNameOf } from './download.ts';
import type { PadSync } from './pad-sync.ts';
import { rescue } from './rescue.ts';
import type { StatusLine } from './status.ts';
import { showToast } from './toast.ts';

export interface PadEnd {
  /** Nothing more is sent or received until the pad is opened anew. */
  readonly isOver: boolean;
  ended(why: Ending): void;
  /** The user of this page deletes the document: its end is no surprise. */
  deleting(): void;
  /** Shows what disappeared from the text and cannot be merged. Resolves when the user has seen it. */
  rescueLost(lost: string, why: string): Promise<void>;
}

export type PadEndOptions = {
  readonly id: string;
  language(): string;
  token(): string | null;
  setToken(token: string): void;
  readonly sync: PadSync;
  readonly status: StatusLine;
  reopen(): void;
  readonly signal: AbortSignal;
};

type Farewell = { readonly title: string; readonly explanation: string; readonly way: string; readonly next: 'new' | 'reopen' };

const FAREWELLS: Readonly<Record<Exclude<Ending, 'refused-token' | 'unknown-link'>, Farewell>> = {
  deleted: {
    title: 'This document was deleted',
    explanation: 'Somebody deleted it for good. This is the text as it stood here; copy or download it if you want to keep it.',
    way: 'Start a new document',
    next: 'new',
  },
  revoked: {
    title: 'This link was revoked',
    explanation: 'The read-only link does not work any more. This is the text as you saw it last.',
    way: 'Start a new document',
    next: 'new',
  },
  replaced: {
    title: 'This document goes on in another tab',
    explanation: 'Another tab has taken over what this one was doing. This is the text as it stood here.',
    way: 'Go on here',
    next: 'reopen',
  },
  unacceptable: {
    title: 'The server does not take your changes',
    explanation: 'It refused them several times. This is the text with your changes; copy it before you load the document anew.',
    way: 'Load the document anew',
    next: 'reopen',
  },
};

export function createPadEnd(options: PadEndOptions): PadEnd {
  const { id, sync, status, reopen, signal } = options;
  let isOver = false;
  let isOurDeletion = false;
  const fileName = (): string => fileNameOf(id, options.language());

  const say = async ({ title, explanation, way, next }: Farewell): Promise<void> => {
    const { text } = sync.session;
    if (text !== '') await rescue({ title, explanation, text, fileName: fileName(), way });
    else showToast({ text: title, kind: 'error', durationMs: 8_000 });
    // Only now: until the text was shown, a reload still had it.
    sync.giveUp();
    if (next === 'reopen') reopen();
    else startNew();
  };
  const refused = async (): Promise<void> => {
    if (sync.session.hasUnsent())
      await rescue({
        title: 'This document was locked',
        explanation:
          'Your last changes have not reached the server. With the token they will be merged; here is the text in any case.',
        text: sync.session.text,
        fileName: fileName(),
        way: 'Enter the token',
      });
    const token = await askForToken(options.token() === null ? 'missing' : 'wrong', signal);
    isOver = false;
    options.setToken(token);
    sync.retry();
  };
  const end = async (why: Ending): Promise<void> => {
    switch (why) {
      case 'refused-token':
        return refused();
      case 'unknown-link':
        await askForToken('unknown-link', signal);
        return;
      case 'deleted':
        if (isOurDeletion) {
          showToast({ text: 'The document is deleted' });
          sync.giveUp();
          return startNew();
        }
        return say(FAREWELLS.deleted);
      case 'revoked':
      case 'replaced':
      case 'unacceptable':
        return say(FAREWELLS[why]);
    }
  };

  return {
    get isOver() {
      return isOver;
    },
    ended(why) {
      isOver = true;
      status.show({ state: 'broken', text: why === 'unacceptable' || why === 'replaced' ? 'refresh needed' : 'disconnected' });
      void end(why);
    },
    deleting() {
      isOurDeletion = true;
    },
    async rescueLost(lost, why) {
      const explanation = 'These changes are not in the document. Copy them if you want to keep them.';
      await rescue({ title: why, explanation, text: lost, fileName: fileName(), way: 'Go on without them' });
    },
  };
}

/** The page listens for the change of its hash. */
function startNew(): void {
  location.hash = '';
}
