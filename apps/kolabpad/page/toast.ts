/** Short messages at the edge of the page, spoken by screen readers too. */
import { find, make } from './elements.ts';

export type Toast = {
  readonly text: string;
  readonly kind?: 'info' | 'error';
  /** Milliseconds; null: until the page is left. */
  readonly durationMs?: number | null;
};

const INFO_MS = 4_000;
const ERROR_MS = 3_000;
export const COPIED_MS = 2_000;

export function showToast({ text, kind = 'info', durationMs = kind === 'error' ? ERROR_MS : INFO_MS }: Toast): void {
  const toast = make('div', 'toast', text);
  toast.dataset['kind'] = kind;
  find(kind === 'error' ? 'toasts-alert' : 'toasts-polite', HTMLElement).append(toast);
  if (durationMs !== null) setTimeout(() => toast.remove(), durationMs);
}

/** For screen readers alone: who came, who left, how the connection is. */
export function announce(text: string): void {
  const line = make('span', '', `${text}. `);
  find('announcements', HTMLElement).append(line);
  setTimeout(() => line.remove(), 10_000);
}
