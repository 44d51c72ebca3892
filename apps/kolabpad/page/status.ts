/** How the connection is, in the bar and in the title, and spoken when it changes for long enough to matter. */
import { find } from './elements.ts';
import { announce } from './toast.ts';

export type Status =
  | { readonly state: 'connecting' }
  | { readonly state: 'connected' }
  /** Connected, and the server has not confirmed for a while. */
  | { readonly state: 'saving' }
  /** Was there before and comes back by itself. */
  | { readonly state: 'offline'; readonly unsent: number; readonly reason: string | null }
  /** Does not come back by itself. */
  | { readonly state: 'broken'; readonly text: string };

/** A blip in a deploy need not be read out. */
const SPOKEN_AFTER_MS = 1_500;

export interface StatusLine {
  show(status: Status): void;
}

export function createStatusLine(signal: AbortSignal): StatusLine {
  const line = find('status', HTMLElement);
  const words = find('status-text', HTMLElement);
  let spoken = '';
  let timer: ReturnType<typeof setTimeout> | undefined;
  signal.addEventListener('abort', () => clearTimeout(timer));
  return {
    show(status) {
      line.dataset['state'] = status.state;
      const text = wordsOf(status);
      if (words.textContent === text) return;
      words.textContent = text;
      line.title = text;
      clearTimeout(timer);
      timer = setTimeout(() => {
        // The count of unsaved changes goes up with every key: it is worth hearing once.
        if (spoken !== status.state) announce(text);
        spoken = status.state;
      }, SPOKEN_AFTER_MS);
    },
  };
}

export function wordsOf(status: Status): string {
  switch (status.state) {
    case 'connecting':
    case 'connected':
      return status.state;
    case 'saving':
      return 'saving…';
    case 'broken':
      return status.text;
    case 'offline': {
      const why = status.reason ?? 'offline';
      if (status.unsent === 0) return `${why}, reconnecting`;
      return `${why}, ${status.unsent} unsaved ${status.unsent === 1 ? 'change' : 'changes'} kept in this browser`;
    }
  }
}
