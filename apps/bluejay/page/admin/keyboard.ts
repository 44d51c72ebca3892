/** Shortcuts of the panel. A single letter does nothing while somebody types; `?` tells what there is. */

/** The second key of `g p` comes within this time, or not at all. */
const SEQUENCE_MS = 1_500;

export const startKeyboard = (root: ParentNode): void => {
  for (const opener of root.querySelectorAll<HTMLElement>('[data-opens]'))
    opener.addEventListener('click', (event) => {
      if (open(root, opener.dataset['opens'] ?? '')) event.preventDefault();
    });

  let goneToMs = Number.NEGATIVE_INFINITY;
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const { key } = event;
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === 'k') {
      if (open(root, 'palette')) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || root.querySelector('dialog[open]') !== null)
      return;
    const isSecond = event.timeStamp - goneToMs < SEQUENCE_MS;
    goneToMs = Number.NEGATIVE_INFINITY;
    if (isSecond && /^[a-z]$/.test(key)) {
      follow(event, root.querySelector<HTMLElement>(`[data-go="${key}"]`));
      return;
    }
    if (key === 'g') goneToMs = event.timeStamp;
    else if (key === '?' && open(root, 'shortcuts')) event.preventDefault();
    else if (key === 'n') follow(event, root.querySelector<HTMLElement>('[data-shortcut="new"]'));
    else if (key === '/') {
      const search = root.querySelector<HTMLInputElement>('[data-shortcut="search"]');
      if (search === null) return;
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
};

const NOT_TYPED = ['button', 'checkbox', 'color', 'file', 'image', 'radio', 'range', 'reset', 'submit'];

/** Whether a letter that is pressed there is meant as a letter. */
const isTyping = (target: EventTarget | null): boolean => {
  if (target instanceof HTMLInputElement) return !NOT_TYPED.includes(target.type);
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLElement && target.isContentEditable;
};

const follow = (event: Event, target: HTMLElement | null): void => {
  if (target === null) return;
  event.preventDefault();
  target.click();
};

const open = (root: ParentNode, id: string): boolean => {
  const dialog = root.querySelector<HTMLDialogElement>(`dialog#${CSS.escape(id)}`);
  if (dialog === null) return false;
  if (!dialog.open) dialog.showModal();
  return true;
};
