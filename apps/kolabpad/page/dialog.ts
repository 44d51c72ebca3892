/** Dialogs that ask and wait. The browser's own <dialog> keeps the focus within. */
import { find } from './elements.ts';

export type Question = { readonly title: string; readonly text: string; readonly confirm: string };

/** Resolves with false for Cancel, Escape, and when another question takes its place. */
export async function confirmed({ title, text, confirm }: Question): Promise<boolean> {
  const dialog = find('confirm', HTMLDialogElement);
  if (dialog.open) dialog.close('no');
  find('confirm-title', HTMLElement).textContent = title;
  find('confirm-text', HTMLElement).textContent = text;
  find('confirm-yes', HTMLElement).textContent = confirm;
  dialog.returnValue = 'no';
  dialog.showModal();
  // The harmless answer is the one that Enter gives.
  find('confirm-no', HTMLButtonElement).focus();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}

/** Opens a dialog that only its own buttons close, whatever the browser does with Escape. Returns what closes it. */
export function openBlocking(dialog: HTMLDialogElement): () => void {
  const done = new AbortController();
  const { signal } = done;
  dialog.addEventListener('cancel', (event) => event.preventDefault(), { signal });
  // A second Escape closes it in spite of that.
  dialog.addEventListener('close', () => dialog.showModal(), { signal });
  if (!dialog.open) dialog.showModal();
  return () => {
    done.abort();
    dialog.close();
  };
}
