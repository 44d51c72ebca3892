/** Icons by name, drawn by ourselves on a grid of 24 and printed into the page: no font, no request. */
import { attribute, html, type Html, trusted } from './html.ts';

/** Paths of strokes; names are those that editors choose from. */
const DRAWINGS: Readonly<Record<string, string>> = {
  category: 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h6v6h-6z',
  check: 'M4 12l6 6L20 6',
  close: 'M5 5l14 14M19 5L5 19',
  description: 'M6 3h9l4 4v14H6zM14 3v5h5M9 12h6M9 16h6',
  diamond: 'M7 4h10l4 6-9 10L3 10zM3 10h18',
  factory: 'M3 21V11l6 4v-4l6 4V5h6v16z',
  flag: 'M5 21V4h13l-3 4 3 4H5',
  handshake: 'M3 7l5-2 4 3 4-3 5 2v8l-3 1-5 4-2-1-6-4-2 1zM12 8l-4 5 2 1 4-3 4 4',
  hub: 'M12 9a3 3 0 100 6 3 3 0 000-6zM12 9V4M14.6 13.5l4.4 2.5M9.4 13.5L5 16M12 4h.01M19 16h.01M5 16h.01',
  mail: 'M3 5h18v14H3zM3 6l9 7 9-7',
  menu: 'M3 6h18M3 12h18M3 18h18',
  phone: 'M6 3h4l2 5-3 2a12 12 0 006 6l2-3 5 2v4c0 1-1 2-2 2C11 21 3 13 3 4c0-1 1-1 3-1z',
  place: 'M12 21s7-7 7-12a7 7 0 10-14 0c0 5 7 12 7 12zM12 7a2 2 0 100 4 2 2 0 000-4z',
  search: 'M10 4a6 6 0 100 12 6 6 0 000-12zM15 15l6 6',
  star: 'M12 3l2.8 6 6.2.8-4.600 4.300 1.200 6.400L12 17.400 6.400 20.500l1.200-6.400L3 9.800 9.200 9z',
  verified: 'M12 2l3 2.500 4-.5.5 4L22 11l-2.500 3-.5 4-4 .5L12 21l-3-2.500-4-.5-.5-4L2 11l2.500-3 .5-4 4 .5zM8 11.500l3 3 5-6',
  visibility: 'M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12zM12 9a3 3 0 100 6 3 3 0 000-6z',
  warning: 'M12 3l10 18H2zM12 10v5M12 18h.01',
};

export const ICON_NAMES: readonly string[] = Object.keys(DRAWINGS);

/** Decoration by default; with a label it is an image of that name. Nothing for a name that is not known. */
export const icon = (name: string, options: { readonly label?: string; readonly class?: string } = {}): Html => {
  const drawing = DRAWINGS[name];
  if (drawing === undefined) return trusted('');
  const meaning =
    options.label === undefined ? attribute('aria-hidden', 'true') : html` role="img" aria-label="${options.label}"`;
  const className = `icon${options.class === undefined ? '' : ` ${options.class}`}`;
  return html`<svg class="${className}" viewBox="0 0 24 24" width="24" height="24"${meaning}><path d="${drawing}" fill="none" stroke="currentColor" stroke-width="2" /></svg>`;
};
