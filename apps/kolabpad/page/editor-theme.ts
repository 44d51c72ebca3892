/** The editor's looks. Colours are the page's own custom properties, which reach into the shadow root: one theme for both. */
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import type { Extension } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const editorTheme = (): Extension => [looks, syntaxHighlighting(syntax)];

const looks = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--ink)', backgroundColor: 'var(--paper)' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6' },
  '.cm-content': { padding: '14px 0 40vh', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 18px 0 8px' },
  '.cm-cursor, .cm-dropCursor': { borderLeft: '2px solid var(--accent)', marginLeft: '-1px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection)',
  },
  '.cm-gutters': { backgroundColor: 'var(--paper)', color: 'var(--ink-soft)', border: 'none', paddingLeft: '8px' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '.cm-activeLine': { backgroundColor: 'var(--active-line)' },
  '.cm-matchingBracket, &.cm-focused .cm-matchingBracket': {
    background: 'var(--accent-wash)',
    outline: '1px solid var(--accent)',
  },
  '.cm-selectionMatch': { backgroundColor: 'var(--accent-wash)' },
  '.cm-placeholder': { color: 'var(--ink-soft)' },
  '.cm-panels': { backgroundColor: 'var(--surface)', color: 'var(--ink)', borderColor: 'var(--line)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panel.cm-search': { padding: '8px 32px 8px 12px', fontFamily: 'var(--font)', fontSize: '13px' },
  '.cm-panel.cm-search label': { fontSize: '13px' },
  '.cm-textfield': {
    padding: '4px 8px',
    border: '1px solid var(--line-strong)',
    borderRadius: '7px',
    backgroundColor: 'var(--paper)',
    color: 'var(--ink)',
    fontSize: '13px',
  },
  '.cm-button': {
    padding: '4px 10px',
    border: '1px solid var(--line-strong)',
    borderRadius: '7px',
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    fontSize: '13px',
    '&:active': { backgroundImage: 'none', backgroundColor: 'var(--sunken)' },
  },
  '.cm-panel.cm-search [name=close]': { color: 'var(--ink)', fontSize: '20px', right: '8px', top: '6px' },
  '.cm-searchMatch': { backgroundColor: 'var(--warning-wash)', outline: '1px solid var(--line-strong)' },
  '.cm-searchMatch-selected': { backgroundColor: 'var(--accent-wash)', outline: '2px solid var(--accent)' },
  '.cm-specialChar': { color: 'var(--danger)' },
});

const syntax = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.controlKeyword], color: 'var(--syntax-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp, tags.character, tags.inserted], color: 'var(--syntax-string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.unit, tags.color], color: 'var(--syntax-number)' },
  { tag: [tags.comment, tags.quote], color: 'var(--syntax-comment)', fontStyle: 'italic' },
  {
    tag: [tags.function(tags.variableName), tags.function(tags.propertyName), tags.definition(tags.variableName), tags.tagName],
    color: 'var(--syntax-name)',
  },
  { tag: [tags.typeName, tags.className, tags.namespace, tags.attributeName, tags.labelName], color: 'var(--syntax-type)' },
  { tag: [tags.meta, tags.processingInstruction, tags.annotation, tags.macroName, tags.escape], color: 'var(--syntax-meta)' },
  { tag: [tags.heading], color: 'var(--syntax-name)', fontWeight: '700' },
  { tag: [tags.link, tags.url], color: 'var(--syntax-name)', textDecoration: 'underline' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.invalid, tags.deleted], color: 'var(--syntax-invalid)' },
]);
