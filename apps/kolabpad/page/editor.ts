/**
 * The text and its editor: CodeMirror, in a shadow root of its own. There its styles are adopted style sheets; in the
 * document they would be <style> elements, which the page's Content-Security-Policy forbids.
 */
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { bracketMatching, indentOnInput } from '@codemirror/language';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, Compartment, EditorState, type Extension, Transaction, type TransactionSpec } from '@codemirror/state';
import {
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  placeholder,
  rectangularSelection,
} from '@codemirror/view';
import type { CursorData } from '../domain/messages.ts';
import type { Operation } from '../domain/operation.ts';
import { changesOfOperation, operationOfChanges, positionsOf } from './changes.ts';
import { editorTheme } from './editor-theme.ts';
import { loadHighlighter } from './highlighter.ts';
import { remoteCursors, type RemoteCursor, showCursors } from './remote-cursors.ts';

export type EditorEvents = {
  /** What the user of this page did, for the text as it was before. */
  edited(operation: Operation): void;
  /** The text is another one, whoever changed it. */
  textChanged(): void;
  cursorsMoved(): void;
};

export interface Editor {
  text(): string;
  /** In code points. */
  cursors(): CursorData;
  /** Changes the text without telling `edited`; undo leaves such changes alone. */
  applyRemote(operation: Operation): void;
  /** Makes the text this one, as the user's own edit, which can be undone. */
  replace(text: string): void;
  showCursors(cursors: readonly RemoteCursor[]): void;
  setLanguage(id: string): void;
  setReadOnly(readOnly: boolean): void;
  setDark(dark: boolean): void;
  focus(): void;
  destroy(): void;
}

export type EditorOptions = { readonly host: HTMLElement; readonly text: string; readonly events: EditorEvents };

const LABEL = 'Text of the document. Tab indents; to leave the text, press Escape, then Tab.';
/** Their lines are prose. */
const WRAPPED_LANGUAGES = new Set(['plaintext', 'markdown', 'restructuredtext']);

const remote = Annotation.define<true>();

export function createEditor({ host, text, events }: EditorOptions): Editor {
  const language = new Compartment();
  const wrapping = new Compartment();
  const readOnly = new Compartment();
  const theme = new Compartment();
  // A host keeps its shadow root for good; only what is in it is new for every document.
  const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true });
  root.replaceChildren();

  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        editing(),
        language.of([]),
        wrapping.of(EditorView.lineWrapping),
        readOnly.of(EditorState.readOnly.of(false)),
        theme.of([]),
        remoteCursors(),
        EditorView.updateListener.of((update) => {
          for (const transaction of update.transactions)
            if (transaction.docChanged && transaction.annotation(remote) !== true)
              events.edited(operationOfChanges(transaction.changes, transaction.startState.doc));
          if (update.docChanged) events.textChanged();
          if (update.docChanged || update.selectionSet) events.cursorsMoved();
        }),
      ],
    }),
  });
  let languageWanted = '';

  return {
    text: () => view.state.doc.toString(),
    cursors: () => cursorsOf(view.state),
    applyRemote(operation) {
      view.dispatch({
        changes: changesOfOperation(operation, view.state.doc),
        annotations: [remote.of(true), Transaction.addToHistory.of(false), Transaction.remote.of(true)],
        // Sanitising would make another text of it than everybody else has.
        filter: false,
      });
    },
    replace(next) {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: next }, userEvent: 'input.replace' });
    },
    showCursors: (cursors) => showCursors(view, cursors),
    setLanguage(id) {
      languageWanted = id;
      view.dispatch({ effects: wrapping.reconfigure(WRAPPED_LANGUAGES.has(id) ? EditorView.lineWrapping : []) });
      void loadHighlighter(id).then((highlighter) => {
        // Somebody may have chosen again while this one was on its way.
        if (languageWanted === id) view.dispatch({ effects: language.reconfigure(highlighter) });
      });
    },
    setReadOnly(value) {
      // Asked after every edit, while the editor is still at it and takes no other transaction.
      if (view.state.readOnly !== value) view.dispatch({ effects: readOnly.reconfigure(EditorState.readOnly.of(value)) });
    },
    setDark: (dark) => view.dispatch({ effects: theme.reconfigure(EditorView.darkTheme.of(dark)) }),
    focus: () => view.focus(),
    destroy() {
      languageWanted = '';
      view.destroy();
    },
  };
}

const editing = (): Extension => [
  // Otherwise a lone carriage return of another client would become a line end here, and the texts would differ.
  EditorState.lineSeparator.of('\n'),
  EditorState.allowMultipleSelections.of(true),
  EditorState.transactionFilter.of(sanitise),
  EditorView.clipboardInputFilter.of((pasted) => pasted.replace(/\r\n?/g, '\n')),
  EditorView.contentAttributes.of({
    'aria-label': LABEL,
    autocapitalize: 'off',
    autocorrect: 'off',
    spellcheck: 'false',
    translate: 'no',
  }),
  lineNumbers(),
  highlightActiveLineGutter(),
  highlightSpecialChars(),
  history(),
  drawSelection(),
  dropCursor(),
  indentOnInput(),
  bracketMatching(),
  rectangularSelection(),
  highlightActiveLine(),
  highlightSelectionMatches(),
  search({ top: true }),
  placeholder('Write here. Everybody who has the link sees it at once.'),
  keymap.of([...searchKeymap, ...historyKeymap, indentWithTab, ...defaultKeymap]),
  editorTheme(),
];

/** Lone surrogates become U+FFFD before anybody sees them, as they would on the wire. */
function sanitise(transaction: Transaction): Transaction | readonly TransactionSpec[] {
  if (!transaction.docChanged) return transaction;
  const broken: { from: number; to: number; insert: string }[] = [];
  transaction.changes.iterChanges((_from, _to, from, to, inserted) => {
    const text = inserted.toString();
    if (!text.isWellFormed()) broken.push({ from, to, insert: text.toWellFormed() });
  }, true);
  return broken.length === 0 ? transaction : [transaction, { changes: broken, sequential: true }];
}

function cursorsOf(state: EditorState): CursorData {
  const { ranges } = state.selection;
  const offsets = positionsOf(
    state.doc,
    ranges.flatMap(({ head, from, to }) => [head, from, to]),
  );
  const cursors: number[] = [];
  const selections: (readonly [number, number])[] = [];
  for (const [index, range] of ranges.entries()) {
    const [head = 0, from = 0, to = 0] = offsets.slice(3 * index, 3 * index + 3);
    cursors.push(head);
    if (!range.empty) selections.push([from, to]);
  }
  return { cursors, selections };
}
