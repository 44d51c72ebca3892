/** What a rich text can hold in the editor: no more and no less than what is stored (`content/sanitise.ts`). */
import { type Editor, Extension, type Extensions, Mark, mergeAttributes } from '@tiptap/core';
import Image from '@tiptap/extension-image';
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table';
import StarterKit from '@tiptap/starter-kit';

export const richTextExtensions = (): Extensions => [
  StarterKit.configure({
    heading: { levels: [2, 3, 4] },
    link: { openOnClick: false, defaultProtocol: 'https', HTMLAttributes: { target: null, rel: null, class: null } },
    // It would add an empty paragraph to a text that nobody changed.
    trailingNode: false,
  }),
  PlainTable.configure({ resizable: false }),
  TableRow,
  TableHeader.extend({
    addAttributes() {
      return { ...this.parent?.(), ...NO_STYLES, scope: { default: null } };
    },
  }),
  TableCell.extend({
    addAttributes() {
      return { ...this.parent?.(), ...NO_STYLES };
    },
  }),
  LibraryImage,
  Subscript,
  Superscript,
  KeptClasses,
];

/** What is wrong with a link's address: it would not survive being stored. Undefined: nothing. */
export const linkProblem = (address: string): string | undefined =>
  /^(?:https?:\/\/|mailto:|tel:|\/(?![/\\])|[#?])[^\s\\]*$/i.test(address)
    ? undefined
    : 'An address begins with https://, with / for this site, with mailto: or with tel:.';

/** Widths of columns and alignments would be styles, which the policy of the page forbids and the site does not store. */
const NO_STYLES = { align: { default: null, rendered: false }, colwidth: { default: null, rendered: false } };

const PlainTable = Table.extend({
  renderHTML({ HTMLAttributes }) {
    return ['table', mergeAttributes(HTMLAttributes), ['tbody', 0]];
  },
});

/** Pictures are those of the library, by id; what the editor shows of them is a preview that is not stored. */
const LibraryImage = Image.extend({
  addAttributes() {
    return {
      media: {
        default: null,
        parseHTML: (node) => node.getAttribute('data-media'),
        renderHTML: ({ media }) => ({ 'data-media': String(media) }),
      },
      alt: { default: '' },
    };
  },
  parseHTML() {
    return [{ tag: 'img[data-media]' }];
  },
  addNodeView() {
    return ({ node }) => {
      const dom = document.createElement('img');
      dom.src = `/admin/media/${encodeURIComponent(String(node.attrs['media']))}/preview?width=640`;
      dom.alt = String(node.attrs['alt']);
      dom.dataset['media'] = String(node.attrs['media']);
      return { dom };
    };
  },
  addInputRules() {
    return [];
  },
});

export const insertImage = (editor: Editor, picture: { readonly id: string; readonly alt: string }): void => {
  editor
    .chain()
    .focus()
    .insertContent({ type: 'image', attrs: { media: picture.id, alt: picture.alt } })
    .run();
};

const tagMark = (name: string, tag: 'sub' | 'sup') =>
  Mark.create({
    name,
    parseHTML: () => [{ tag }],
    renderHTML: () => [tag, 0],
  });
const Subscript = tagMark('subscript', 'sub');
const Superscript = tagMark('superscript', 'sup');

/** Of what was imported or written elsewhere. */
const KeptClasses = Extension.create({
  name: 'keptClasses',
  addGlobalAttributes() {
    return [
      {
        types: ['paragraph', 'heading', 'tableCell', 'tableHeader'],
        attributes: { class: { default: null, parseHTML: (node) => node.getAttribute('class') } },
      },
    ];
  },
});
