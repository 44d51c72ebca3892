/** Where a text cannot be merged any more, it is at least not lost: a dialog holds it until it was copied or given up. */
import { copyFrom } from './clipboard.ts';
import { openBlocking } from './dialog.ts';
import { downloadText } from './download.ts';
import { find } from './elements.ts';
import { COPIED_MS } from './toast.ts';

export type Rescue = {
  readonly title: string;
  readonly explanation: string;
  readonly text: string;
  readonly fileName: string;
  /** What the way out is called. */
  readonly way: string;
};

let before: Promise<void> = Promise.resolve();

/** Resolves when the user goes on. There is one dialog: what comes meanwhile waits its turn. */
export function rescue(what: Rescue): Promise<void> {
  before = before.then(() => show(what));
  return before;
}

function show({ title, explanation, text, fileName, way }: Rescue): Promise<void> {
  const dialog = find('rescue', HTMLDialogElement);
  const field = find('rescue-copy-of-text', HTMLTextAreaElement);
  const copy = find('rescue-copy', HTMLButtonElement);
  const done = find('rescue-done', HTMLButtonElement);
  find('rescue-title', HTMLElement).textContent = title;
  find('rescue-text', HTMLElement).textContent = explanation;
  field.value = text;
  done.textContent = way;
  const listening = new AbortController();
  const { signal } = listening;
  copy.addEventListener(
    'click',
    () =>
      void copyFrom(field).then((copied) => {
        copy.textContent = copied ? 'Copied' : 'Press Ctrl+C to copy';
        setTimeout(() => (copy.textContent = 'Copy the text'), COPIED_MS);
      }),
    { signal },
  );
  find('rescue-download', HTMLButtonElement).addEventListener('click', () => downloadText(fileName, text), { signal });
  const close = openBlocking(dialog);
  return new Promise((resolve) =>
    done.addEventListener(
      'click',
      () => {
        listening.abort();
        close();
        resolve();
      },
      { signal },
    ),
  );
}
