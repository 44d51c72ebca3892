/** An editor in the place of a textarea that holds HTML. The textarea stays what is sent, and what others read and watch. */
import { Editor } from '@tiptap/core';
import { announceChange, element } from '../admin/element.ts';
import { uploadMedia } from '../admin/media-picker.ts';
import { insertImage, richTextExtensions } from './extensions.ts';
import { createToolbar } from './toolbar.ts';

/** Takes over every `textarea[data-rich-text]` that it did not take over yet. */
export const startRichTexts = (root: ParentNode): void => {
  for (const textarea of root.querySelectorAll<HTMLTextAreaElement>('textarea[data-rich-text]'))
    if (textarea.dataset['richText'] !== 'taken' && !textarea.matches(':disabled')) takeOver(textarea);
};

const takeOver = (textarea: HTMLTextAreaElement): void => {
  textarea.dataset['richText'] = 'taken';
  const label = textarea.labels[0];
  const name = label?.textContent?.replace('*', '').trim() ?? 'Text';
  const place = element('div', { class: 'rich-text' });
  const status = element('p', { class: 'media-status', role: 'status' });
  const takeFiles = (files: readonly File[]): boolean => {
    const pictures = files.filter((file) => file.type.startsWith('image/'));
    for (const file of pictures)
      uploadMedia(file, 'image').then(
        (picture) => insertImage(editor, picture),
        (error: unknown) => {
          status.textContent = error instanceof Error ? error.message : 'The upload did not work.';
        },
      );
    return pictures.length > 0;
  };
  const editor = new Editor({
    element: place,
    extensions: richTextExtensions(),
    content: textarea.value,
    // A <style> of its own would be refused by the page's policy; the rules stand in form.css.
    injectCSS: false,
    editorProps: {
      attributes: {
        class: 'rich-text-body',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': name,
        ...copied(textarea, ['aria-describedby', 'aria-required', 'aria-invalid']),
      },
      handlePaste: (_, event) => takeFiles([...(event.clipboardData?.files ?? [])]),
      handleDrop: (_, event, __, isMoved) => !isMoved && takeFiles([...(event.dataTransfer?.files ?? [])]),
      handleKeyDown: (_, event) => {
        if (!event.altKey || event.key !== 'F10') return false;
        toolbar.focus();
        return true;
      },
    },
  });
  const toolbar = createToolbar(editor, name);
  place.prepend(toolbar.root);
  place.append(status);
  textarea.hidden = true;
  textarea.after(place);
  label?.addEventListener('click', () => editor.commands.focus());
  editor.on('transaction', () => toolbar.update());
  // Only what somebody changes is written back: HTML that is merely opened stays as it is stored, to the letter.
  editor.on('update', () => {
    textarea.value = editor.isEmpty ? '' : editor.getHTML();
    announceChange(textarea);
  });
  toolbar.update();
};

const copied = (from: Element, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = from.getAttribute(name);
      return value === null ? [] : [[name, value]];
    }),
  );
