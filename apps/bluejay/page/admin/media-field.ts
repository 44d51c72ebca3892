/** Inputs for pictures and files: shows what is chosen, opens the library, takes an upload. The select behind it is what is sent. */
import { announceChange, element } from './element.ts';
import { type Picked, pickMedia, uploadMedia } from './media-picker.ts';

export const startMediaFields = (root: ParentNode): void => {
  for (const field of root.querySelectorAll<HTMLElement>('[data-media-field]')) startMediaField(field);
};

const startMediaField = (field: HTMLElement): void => {
  const select = field.querySelector('select');
  const present = field.querySelector<HTMLElement>('[data-media-present]');
  const buttons = field.querySelector<HTMLElement>('[data-media-buttons]');
  const choose = field.querySelector<HTMLButtonElement>('[data-media-choose]');
  const clear = field.querySelector<HTMLButtonElement>('[data-media-clear]');
  const upload = field.querySelector<HTMLInputElement>('[data-media-upload]');
  const status = field.querySelector<HTMLElement>('[data-media-status]');
  if (select === null || present === null || buttons === null || choose === null || status === null) return;
  const kind = field.dataset['kind'] === 'image' ? 'image' : 'any';
  const label = field.dataset['label'] ?? 'File';
  select.hidden = true;
  buttons.hidden = false;

  const show = (picked: Picked | undefined): void => {
    present.replaceChildren(...(picked === undefined ? [] : presentOf(picked)));
    select.replaceChildren(...[...select.options].filter((option) => option.value !== picked?.id));
    if (picked !== undefined) select.append(element('option', { value: picked.id, text: picked.name }));
    select.value = picked?.id ?? '';
    if (clear !== null) clear.hidden = picked === undefined;
    announceChange(select);
  };
  choose.addEventListener('click', () => {
    void pickMedia(kind, `${label}: choose ${kind === 'image' ? 'a picture' : 'a file'}`).then((picked) => {
      if (picked !== undefined) show(picked);
      choose.focus();
    });
  });
  clear?.addEventListener('click', () => {
    show(undefined);
    choose.focus();
  });
  upload?.addEventListener('change', (event) => {
    // What is uploaded is no part of the form; only the id that it gets is.
    event.stopPropagation();
    const file = upload.files?.[0];
    upload.value = '';
    if (file === undefined) return;
    status.textContent = `“${file.name}” is being uploaded …`;
    uploadMedia(file, kind).then(
      (picked) => {
        show(picked);
        status.textContent = `“${picked.name}” is in the library now.${kind === 'image' && picked.alt === '' ? ' Describe it there before a page can show it.' : ''}`;
      },
      (error: unknown) => {
        status.textContent = error instanceof Error ? error.message : 'The upload did not work.';
      },
    );
  });
};

const presentOf = ({ alt, preview, name }: Picked): readonly Node[] => [
  ...(preview === '' ? [] : [element('img', { class: 'media-preview', src: preview, alt })]),
  element('span', { class: 'media-name', text: name }),
];
