/** The dialog in which a file of the library is chosen, and the way a new one gets there. */
import { askText } from './ask-text.ts';
import { csrfToken, element } from './element.ts';

export type Picked = { readonly id: string; readonly alt: string; readonly preview: string; readonly name: string };

const BROWSE = '/admin/media/browse';

/** @param kind what may be chosen. Resolves with undefined when nothing was. */
export const pickMedia = async (kind: 'image' | 'any', heading: string): Promise<Picked | undefined> => {
  const list = element('div', { class: 'media-picker-list', 'aria-live': 'polite' });
  const words = element('input', {
    type: 'search',
    autocomplete: 'off',
    'aria-label': 'Search in the library',
    placeholder: 'Search …',
  });
  const dialog = element('dialog', { class: 'dialog media-picker-dialog', 'aria-label': heading });
  const close = element('button', { type: 'button', class: 'button', text: 'Close', onclick: () => dialog.close() });
  const foot = element('p', { class: 'form-buttons' }, close);
  dialog.append(element('h2', { text: heading }), words, list, foot);
  document.body.append(dialog);

  const query = new URLSearchParams(kind === 'image' ? { kind } : {});
  words.addEventListener('input', () => {
    query.set('q', words.value);
    void load(list, addressOf(query));
  });
  let picked: Picked | undefined;
  dialog.addEventListener('click', (event) => {
    const target = event.target instanceof Element ? event.target : undefined;
    const entry = target?.closest<HTMLElement>('[data-media-id]') ?? undefined;
    const page = target?.closest<HTMLElement>('[data-browse]')?.dataset['browse'];
    if (entry !== undefined) {
      const { mediaId = '', alt = '', preview = '', name = '' } = entry.dataset;
      picked = { id: mediaId, alt, preview, name };
      dialog.close();
    } else if (page !== undefined) void load(list, page);
  });
  const closed = new Promise<void>((resolve) => {
    dialog.addEventListener('close', () => resolve());
  });
  dialog.showModal();
  void load(list, addressOf(query));
  await closed;
  dialog.remove();
  return picked;
};

/** Into the library; of a picture it is asked first what it shows. Throws an Error with a sentence for people. */
export const uploadMedia = async (file: File, kind: 'image' | 'any'): Promise<Picked> => {
  const alt = file.type.startsWith('image/')
    ? await askText({
        heading: `What does “${file.name}” show?`,
        help: 'Read out to those who do not see it. A picture that is not described cannot be shown on a page.',
        value: '',
      })
    : '';
  if (alt === undefined) throw new Error('Nothing was uploaded.');
  const body = new FormData();
  // Before the file: it is read in this order.
  body.append('alt', alt);
  body.append('file', file);
  const headers = { Accept: 'application/json', 'X-CSRF-Token': csrfToken() };
  const response = await fetch(`/admin/media/upload${kind === 'image' ? '?kind=image' : ''}`, { method: 'POST', body, headers });
  const answer = (await response.json().catch(() => ({}))) as Uploaded;
  const [taken] = answer.files ?? [];
  if (taken === undefined) throw new Error(answer.message ?? `“${file.name}” could not be taken into the library.`);
  return { id: String(taken.id), alt: taken.alt_text, preview: taken.preview ?? '', name: taken.name };
};

/** What the library says of what it was sent. */
type Uploaded = {
  readonly files?: readonly {
    readonly id: number;
    readonly name: string;
    readonly alt_text: string;
    readonly preview: string | null;
  }[];
  readonly message?: string;
};

const addressOf = (query: URLSearchParams): string => `${BROWSE}?${query.toString()}`;

const load = async (list: HTMLElement, address: string): Promise<void> => {
  list.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(address, { headers: { Accept: 'text/html', 'HX-Request': 'true' } });
    if (!response.ok) throw new Error(`the library answers ${response.status}`);
    const fragment = new DOMParser().parseFromString(await response.text(), 'text/html');
    list.replaceChildren(...fragment.body.childNodes);
  } catch {
    list.replaceChildren(
      element('p', { class: 'field-problem', text: 'The library could not be opened. Close this and try again.' }),
    );
  }
  list.removeAttribute('aria-busy');
};
