import { encode } from 'uqr';
import { html, type Html } from '../html/html.ts';

/** An inline drawing, dark on white with the quiet zone that cameras need, whatever the page's colours. */
export const renderQrCode = (text: string, label: string): Html => {
  const { data, size } = encode(text, { ecc: 'M', border: 4 });
  const dots = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="qr-code" viewBox="0 0 ${size} ${size}" width="240" height="240" role="img" aria-label="${label}" shape-rendering="crispEdges"><rect width="${size}" height="${size}" fill="#fff" /><path d="${dots.join('')}" fill="#000" /></svg>`;
};
