/** Where the others are: their carets with names, their selections. Positions move with the text. */
import { type EditorState, type Extension, RangeSet, StateEffect, StateField, type Text } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import type { CursorData, UserInfo } from '../domain/messages.ts';
import { offsetsOf } from './changes.ts';

/** Positions in code points of the text that the editor shows. */
export type RemoteCursor = { readonly id: number; readonly info: UserInfo; readonly data: CursorData };

const setCursors = StateEffect.define<readonly RemoteCursor[]>();

/** Replaces what is shown of the others. */
export const showCursors = (view: EditorView, cursors: readonly RemoteCursor[]): void =>
  view.dispatch({ effects: setCursors.of(cursors) });

export const remoteCursors = (): Extension => [field, theme];

class Caret extends WidgetType {
  readonly #info: UserInfo;
  readonly #key: string;

  constructor(id: number, info: UserInfo, position: number) {
    super();
    this.#info = info;
    this.#key = `${id} ${position} ${info.hue} ${info.name}`;
  }

  // An equal caret keeps its element, so that a label that has faded does not come back when somebody else moves.
  override eq(other: Caret): boolean {
    return other.#key === this.#key;
  }

  toDOM(): HTMLElement {
    const caret = document.createElement('span');
    caret.className = 'kp-caret';
    caret.ariaHidden = 'true';
    caret.style.setProperty('--hue', String(this.#info.hue));
    // Shown by the theme, so that it is no part of the text: not to be copied, found or read out with it.
    caret.dataset['name'] = this.#info.name;
    return caret;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const field = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, transaction) {
    const shown = transaction.effects.findLast((effect) => effect.is(setCursors));
    if (shown !== undefined) return decorate(transaction.state, shown.value);
    return decorations.map(transaction.changes);
  },
  provide: (self) => EditorView.decorations.from(self),
});

function decorate(state: EditorState, cursors: readonly RemoteCursor[]): DecorationSet {
  return RangeSet.join(cursors.map((cursor) => decorateOne(state.doc, cursor)));
}

function decorateOne(doc: Text, { id, info, data }: RemoteCursor): DecorationSet {
  const carets = offsetsOf(doc, data.cursors);
  const ends = offsetsOf(doc, data.selections.flat());
  const selection = Decoration.mark({
    class: 'kp-selection',
    attributes: { title: info.name, style: `--hue: ${info.hue}` },
  });
  return Decoration.set(
    [
      ...carets.map((offset, index) =>
        // After whatever is typed there: the server moves a cursor behind an insert at its place too.
        Decoration.widget({ widget: new Caret(id, info, data.cursors[index] ?? 0), side: 1 }).range(offset),
      ),
      ...ends.flatMap((_, index) => {
        const [from, to] = [ends[index] ?? 0, ends[index + 1] ?? 0];
        return index % 2 === 0 && from !== to ? [selection.range(Math.min(from, to), Math.max(from, to))] : [];
      }),
    ],
    true,
  );
}

const theme = EditorView.baseTheme({
  '.kp-caret': {
    position: 'relative',
    marginInline: '-1px',
    borderLeft: '2px solid hsl(var(--hue) 90% var(--person-lightness))',
  },
  '.kp-caret::before': {
    content: 'attr(data-name)',
    position: 'absolute',
    bottom: '100%',
    left: '-2px',
    zIndex: '5',
    padding: '0 6px',
    borderRadius: '5px 5px 5px 0',
    background: 'hsl(var(--hue) 90% var(--person-lightness))',
    color: 'var(--person-ink)',
    font: '600 11px/17px var(--font)',
    whiteSpace: 'nowrap',
    pointerEvents: 'none',
    opacity: '0',
    animation: 'kp-name 2.4s',
  },
  // On the first line there is nothing above it but the edge of the editor.
  '.cm-line:first-child .kp-caret::before': { bottom: 'auto', top: '100%', borderRadius: '0 5px 5px 5px' },
  // A caret is hard to hit: its surroundings count as well.
  '.kp-caret::after': { content: '""', position: 'absolute', inset: '0 -5px' },
  '.kp-caret:hover::before': { opacity: '1' },
  '.kp-selection': { background: 'hsl(var(--hue) var(--person-selection))' },
  '@keyframes kp-name': { '0%, 70%': { opacity: '1' }, '100%': { opacity: '0' } },
});
