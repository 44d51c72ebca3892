/** Colours, symbols and widths of the terminal. */
import { stripVTControlCharacters, styleText } from 'node:util';
import { atServer } from './at-server.ts';

export type Style = {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly cyan: Paint;
  /** What tells somebody to type a command: on a server, with what brings the command there. */
  readonly hint: Paint;
};
type Paint = (text: string) => string;

/** `server`: what is told is about the one of this name. */
export const createStyle = (colour: boolean, server: string | null = null): Style => {
  const paint =
    (name: Exclude<keyof Style, 'hint'>): Paint =>
    (text) =>
      colour && text !== '' ? styleText(name, text, { validateStream: false }) : text;
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
    hint: (text) => atServer(text, server),
  };
};

/** Columns that a text takes: without colours, combining marks as nothing, wide letters and emoji as two. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) {
    width += WIDE.test(segment) ? 2 : /^[\p{Mn}\p{Cf}\p{Cc}]+$/u.test(segment) ? 0 : 1;
  }
  return width;
};

/** Cut at `width` columns, with "…" in the last of them; colours are given up when something is cut. */
export const fit = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(stripVTControlCharacters(text))) {
    if (widthOf(kept + segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
};

const segmenter = new Intl.Segmenter();
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u;
