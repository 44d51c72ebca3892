/** Links to give to others: the one that edits and the one that only reads. */
import { renderLink } from './address.ts';
import { copyFrom } from './clipboard.ts';
import { confirmed } from './dialog.ts';
import { find } from './elements.ts';
import { COPIED_MS, showToast } from './toast.ts';

export type ShareActions = {
  createViewLink(): Promise<void>;
  revokeViewLink(): Promise<void>;
};

export type Sharing = {
  readonly id: string;
  readonly token: string | null;
  readonly viewer: boolean;
  /** Id of the read-only link. */
  readonly viewLink: string | null;
};

export interface Share {
  show(sharing: Sharing): void;
}

export function createShare(actions: ShareActions, signal: AbortSignal): Share {
  const link = find('share-link', HTMLInputElement);
  const viewLink = find('view-link', HTMLInputElement);
  const create = find('view-create', HTMLButtonElement);
  const revoke = find('view-revoke', HTMLButtonElement);
  const box = find('view-box', HTMLElement);

  const installCopy = (buttonId: string, field: HTMLInputElement): void => {
    const button = find(buttonId, HTMLButtonElement);
    button.addEventListener('click', () => void copy(button, field), { signal });
    field.addEventListener('focus', () => field.select(), { signal });
  };
  installCopy('share-copy', link);
  installCopy('view-copy', viewLink);

  create.addEventListener(
    'click',
    () => {
      create.disabled = true;
      void actions.createViewLink().finally(() => (create.disabled = false));
    },
    { signal },
  );
  revoke.addEventListener(
    'click',
    () =>
      void confirmed({
        title: 'Revoke the read-only link?',
        text: 'Whoever reads through it is disconnected at once. A new read-only link will be a different one.',
        confirm: 'Revoke it',
      }).then((yes) => (yes ? actions.revokeViewLink() : undefined)),
    { signal },
  );

  return {
    show(sharing) {
      const page = location.href;
      link.value = renderLink(page, { id: sharing.id, token: sharing.token });
      find('share-label', HTMLElement).textContent = sharing.viewer ? 'Link to read' : 'Link to edit';
      create.hidden = sharing.viewLink !== null;
      box.hidden = sharing.viewLink === null;
      if (sharing.viewLink !== null) viewLink.value = renderLink(page, { id: sharing.viewLink, token: null });
    },
  };
}

async function copy(button: HTMLButtonElement, field: HTMLInputElement): Promise<void> {
  const copied = await copyFrom(field);
  button.focus();
  if (!copied) {
    field.focus();
    showToast({ text: 'This browser does not let the page copy: press Ctrl+C', kind: 'error' });
    return;
  }
  button.textContent = 'Copied';
  showToast({ text: 'Link copied', durationMs: COPIED_MS });
  setTimeout(() => (button.textContent = 'Copy'), COPIED_MS);
}
