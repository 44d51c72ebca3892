/** Ctrl K: a screen or a record by a few letters. Without a script the same button leads to a page with the same search. */
import { load } from './send.ts';

const PAUSE_MS = 120;

export const startPalette = (root: ParentNode): void => {
  const dialog = root.querySelector<HTMLDialogElement>('#palette');
  const input = dialog?.querySelector('input');
  const hits = dialog?.querySelector<HTMLElement>('#palette-hits');
  if (!dialog || !input || !hits) return;
  let asked = new AbortController();
  /** What the hits that are shown are for. */
  let answered: string | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;

  const ask = async (): Promise<void> => {
    asked.abort();
    asked = new AbortController();
    const { signal } = asked;
    const words = input.value;
    try {
      const fragment = await load(`/admin/find?q=${encodeURIComponent(words)}`, signal);
      // A later question has overtaken this one.
      if (signal.aborted) return;
      hits.innerHTML = fragment;
      answered = words;
    } catch (error) {
      if (!signal.aborted) hits.textContent = error instanceof Error ? error.message : 'The search does not answer.';
    }
  };

  /** To the first hit; not to one of what was asked before. */
  const follow = async (): Promise<void> => {
    clearTimeout(pause);
    if (answered !== input.value) await ask();
    const first = hits.querySelector('a');
    if (answered === input.value && first !== null) location.assign(first.href);
  };

  input.addEventListener('input', () => {
    clearTimeout(pause);
    pause = setTimeout(() => void ask(), PAUSE_MS);
  });
  dialog.addEventListener('toggle', () => {
    if (!dialog.open) return;
    input.select();
    void ask();
  });
  dialog.addEventListener('click', ({ target }) => {
    // The dialog itself is hit only beside what it holds.
    if (target === dialog) dialog.close();
  });
  dialog.addEventListener('keydown', (event) => {
    const links = [...hits.querySelectorAll<HTMLAnchorElement>('a')];
    const at = links.indexOf(document.activeElement as HTMLAnchorElement);
    if (event.key === 'Escape') {
      // A search input would only be emptied.
      event.preventDefault();
      dialog.close();
    } else if (event.key === 'Enter' && document.activeElement === input) {
      event.preventDefault();
      void follow();
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      const next = at + (event.key === 'ArrowDown' ? 1 : -1);
      (next < 0 ? input : (links[next] ?? links[at]))?.focus();
    }
  });
};
