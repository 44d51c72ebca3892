/** PDF documents of plain text: A4, a heading on each page, the fonts that every reader has. */

export type PdfPage = { readonly heading: string; readonly paragraphs: readonly string[] };

const [WIDTH, HEIGHT, MARGIN] = [595, 842, 56];
const SIZE = 11;
const LINE = 16;
/** Helvetica is 0.5 of its size on average; a little less fits every text. */
const LETTERS_IN_LINE = Math.floor((WIDTH - 2 * MARGIN) / (SIZE * 0.5));

export const makePdf = (title: string, pages: readonly PdfPage[]): Buffer => {
  const contents = pages.map((page, index) => contentOf(title, page, `${index + 1} / ${pages.length}`));
  const kids = pages.map((_, index) => `${5 + index * 2} 0 R`).join(' ');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>',
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>',
    ...contents.flatMap((content, index) => [
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${WIDTH} ${HEIGHT}] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents ${6 + index * 2} 0 R >>`,
      `<< /Length ${Buffer.byteLength(content, 'latin1')} >>\nstream\n${content}\nendstream`,
    ]),
  ];
  let file = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = Buffer.byteLength(file, 'latin1');
    file += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return place;
  });
  const start = Buffer.byteLength(file, 'latin1');
  const table = places.map((place) => `${String(place).padStart(10, '0')} 00000 n \n`).join('');
  file += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(file, 'latin1');
};

const contentOf = (title: string, { heading, paragraphs }: PdfPage, number: string): string => {
  let y = HEIGHT - 150;
  const lines = paragraphs.flatMap((paragraph) => {
    const wrapped = wrap(paragraph).map((line) => {
      const shown = `BT /F1 ${SIZE} Tf ${MARGIN} ${y} Td (${escaped(line)}) Tj ET`;
      y -= LINE;
      return shown;
    });
    y -= LINE / 2;
    return wrapped;
  });
  return [
    `0 0.4 0.8 rg 0 ${HEIGHT - 70} ${WIDTH} 70 re f 1 g BT /F2 14 Tf ${MARGIN} ${HEIGHT - 42} Td (${escaped(title)}) Tj ET 0 g`,
    `BT /F2 20 Tf ${MARGIN} ${HEIGHT - 118} Td (${escaped(heading)}) Tj ET`,
    ...lines,
    `BT /F1 9 Tf ${MARGIN} 36 Td (Bluejay Motion   ${number}) Tj ET`,
  ].join('\n');
};

const wrap = (text: string): readonly string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > LETTERS_IN_LINE) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
};

const escaped = (text: string): string =>
  text
    .replaceAll('’', "'")
    .replaceAll(/[“”]/g, '"')
    .replaceAll(/[–—]/g, '-')
    .replaceAll(/[^\u0020-\u007e\u00a0-\u00ff]/g, '?')
    .replaceAll(/[\\()]/g, String.raw`\$&`);
