/** The buttons above a rich text: pressed as the text at the cursor is, reached by Tab once and by arrows from there. */
import type { ChainedCommands, Editor } from '@tiptap/core';
import { askText } from '../admin/ask-text.ts';
import { element } from '../admin/element.ts';
import { pickMedia } from '../admin/media-picker.ts';
import { insertImage, linkProblem } from './extensions.ts';

export type Toolbar = {
  readonly root: HTMLElement;
  /** Buttons as the text at the cursor is. */
  update(): void;
  focus(): void;
};

type Tool = {
  readonly label: string;
  readonly text: string;
  readonly run: (editor: Editor) => void;
  /** Pressed; without it the button is no switch. */
  readonly isOn?: (editor: Editor) => boolean;
  /** Not at hand otherwise. */
  readonly isUsable?: (editor: Editor) => boolean;
  /** Only shown there. */
  readonly isShown?: (editor: Editor) => boolean;
};

export const createToolbar = (editor: Editor, label: string): Toolbar => {
  const buttons = TOOLS.map((tool) => {
    const button = element('button', {
      type: 'button',
      class: 'tool',
      'aria-label': tool.label,
      title: tool.label,
      tabindex: '-1',
      text: tool.text,
      onclick: () => tool.run(editor),
    });
    return { tool, button };
  });
  const root = element(
    'div',
    { role: 'toolbar', class: 'rich-text-tools', 'aria-label': `Format: ${label}` },
    ...buttons.map(({ button }) => button),
  );
  const usable = (): HTMLButtonElement[] =>
    buttons.map(({ button }) => button).filter((button) => !button.hidden && !button.disabled);
  const focusOn = (button: HTMLButtonElement | undefined): void => {
    if (button === undefined) return;
    for (const other of buttons) other.button.tabIndex = other.button === button ? 0 : -1;
    button.focus();
  };
  root.addEventListener('keydown', (event) => {
    const all = usable();
    const at = all.findIndex((button) => button === document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === 'Escape') editor.commands.focus();
    if (to === undefined) return;
    event.preventDefault();
    focusOn(all.at(to % all.length));
  });
  // The text keeps its selection when a button is pressed with the pointer.
  root.addEventListener('mousedown', (event) => event.preventDefault());
  return {
    root,
    update() {
      for (const { tool, button } of buttons) {
        if (tool.isOn !== undefined) button.setAttribute('aria-pressed', String(tool.isOn(editor)));
        button.disabled = tool.isUsable?.(editor) === false;
        button.hidden = tool.isShown?.(editor) === false;
      }
      const all = usable();
      if (!all.some(({ tabIndex }) => tabIndex === 0)) {
        for (const { button } of buttons) button.tabIndex = -1;
        if (all[0] !== undefined) all[0].tabIndex = 0;
      }
    },
    focus: () => focusOn(usable()[0]),
  };
};

const switched = (
  label: string,
  text: string,
  name: string,
  change: (chain: ChainedCommands) => ChainedCommands,
  attributes: Readonly<Record<string, number>> = {},
): Tool => ({
  label,
  text,
  run: (editor) => change(editor.chain().focus()).run(),
  isOn: (editor) => editor.isActive(name, attributes),
});

const heading = (level: 2 | 3 | 4): Tool =>
  switched(`H${level}, heading`, `H${level}`, 'heading', (chain) => chain.toggleHeading({ level }), { level });

const inTable = (label: string, text: string, change: (chain: ChainedCommands) => ChainedCommands): Tool => ({
  label,
  text,
  run: (editor) => change(editor.chain().focus()).run(),
  isShown: (editor) => editor.isActive('table'),
});

const editLink = async (editor: Editor): Promise<void> => {
  const present = String(editor.getAttributes('link')['href'] ?? '');
  const address = await askText({
    heading: 'Where does it lead?',
    help: 'https://…, /path of this site, mailto:…, tel:…',
    value: present,
    check: linkProblem,
    ...(present !== '' && { clear: 'Take the link away' }),
  });
  if (address === undefined) return;
  const chain = editor.chain().focus().extendMarkRange('link');
  if (address === '') chain.unsetLink().run();
  else if (editor.state.selection.empty && present === '')
    chain.insertContent({ type: 'text', text: address, marks: [{ type: 'link', attrs: { href: address } }] }).run();
  else chain.setLink({ href: address }).run();
};

const describeImage = async (editor: Editor): Promise<void> => {
  const alt = await askText({
    heading: 'What does the picture show?',
    help: 'Read out to those who do not see it. Empty: it is decoration.',
    value: String(editor.getAttributes('image')['alt'] ?? ''),
  });
  if (alt !== undefined) editor.chain().focus().updateAttributes('image', { alt }).run();
};

const addImage = async (editor: Editor): Promise<void> => {
  const picture = await pickMedia('image', 'Choose a picture');
  if (picture === undefined) editor.commands.focus();
  else insertImage(editor, picture);
};

const TOOLS: readonly Tool[] = [
  switched('Bold', 'B', 'bold', (chain) => chain.toggleBold()),
  switched('Italic', 'I', 'italic', (chain) => chain.toggleItalic()),
  switched('Underlined', 'U', 'underline', (chain) => chain.toggleUnderline()),
  switched('Struck through', 'S', 'strike', (chain) => chain.toggleStrike()),
  heading(2),
  heading(3),
  heading(4),
  switched('List', '• List', 'bulletList', (chain) => chain.toggleBulletList()),
  switched('1. List, numbered', '1. List', 'orderedList', (chain) => chain.toggleOrderedList()),
  switched('Quote', '“ ”', 'blockquote', (chain) => chain.toggleBlockquote()),
  switched('Code', '</>', 'codeBlock', (chain) => chain.toggleCodeBlock()),
  { label: 'Link', text: 'Link', run: (editor) => void editLink(editor), isOn: (editor) => editor.isActive('link') },
  { label: 'Picture', text: 'Picture', run: (editor) => void addImage(editor) },
  {
    label: 'Alt text of the picture',
    text: 'Alt',
    run: (editor) => void describeImage(editor),
    isShown: (editor) => editor.isActive('image'),
  },
  {
    label: 'Table',
    text: 'Table',
    run: (editor) => editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
    isShown: (editor) => !editor.isActive('table'),
  },
  inTable('Add a row below', '+ Row', (chain) => chain.addRowAfter()),
  inTable('Remove the row', '− Row', (chain) => chain.deleteRow()),
  inTable('Add a column to the right', '+ Column', (chain) => chain.addColumnAfter()),
  inTable('Remove the column', '− Column', (chain) => chain.deleteColumn()),
  inTable('Remove the table', '− Table', (chain) => chain.deleteTable()),
  { label: 'Line across', text: '―', run: (editor) => editor.chain().focus().setHorizontalRule().run() },
  { label: 'Undo', text: '↶', run: (editor) => editor.chain().focus().undo().run(), isUsable: (editor) => editor.can().undo() },
  { label: 'Redo', text: '↷', run: (editor) => editor.chain().focus().redo().run(), isUsable: (editor) => editor.can().redo() },
];
