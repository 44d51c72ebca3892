/** Letters as a plotter draws them: strokes on a grid of 4 by 6. A server has no fonts to rely on. */

/** Pairs of digits are points, from the upper left; a space lifts the pen. */
const STROKES: Readonly<Record<string, string>> = {
  A: '0602204246 0444',
  B: '00063645433303 000030413233',
  C: '4130100105163645',
  D: '00062644422000',
  E: '40000646 0333',
  F: '400006 0333',
  G: '413010010516364543 4323',
  H: '0006 4046 0343',
  I: '1030 2026 1636',
  J: '404536160504',
  K: '0006 4003 0346',
  L: '000646',
  M: '0600234046',
  N: '06004640',
  O: '1001051636454130 1030',
  P: '06003041423303',
  Q: '1001051636454130 1030 2446',
  R: '06003041423303 2346',
  S: '4130100102133344453616 0516',
  T: '0040 2026',
  U: '000516364540',
  V: '002640',
  W: '0016233640',
  X: '0046 4006',
  Y: '002340 2326',
  Z: '00400646',
  0: '1001051636454130 1030 1531',
  1: '112026 1636',
  2: '011030414206 0646',
  3: '00403343443616 0516 2333',
  4: '36300444',
  5: '400003334445361605',
  6: '4130100105163645443303',
  7: '004016',
  8: '1001021333444536160504133342413010',
  9: '4333130201103041453616',
  '-': '0343',
  '.': '2526',
  '/': '0640',
  ':': '2122 2425',
  '+': '2125 0343',
  '%': '0640 0111 3545',
  '=': '0242 0444',
  '#': '1016 3036 0242 0444',
};

const ADVANCE = 5.6;

export type Lettering = {
  readonly x: number;
  readonly y: number;
  readonly height: number;
  readonly colour?: string;
  readonly weight?: number;
};

/** Width of a line of that height. */
export const widthOf = (words: string, height: number): number => ((words.length * ADVANCE - 1.6) * height) / 6;

/** From its upper left corner. Small letters are written as large ones; what has no strokes is a space. */
export const letters = (words: string, { x, y, height, colour = '#000', weight = height / 7 }: Lettering): string => {
  const scale = height / 6;
  const paths = [...words.toUpperCase()].flatMap((letter, index) =>
    (STROKES[letter] ?? '')
      .split(' ')
      .filter((stroke) => stroke !== '')
      .map((stroke) => {
        const points = Array.from(stroke.matchAll(/(\d)(\d)/g), ([, u, v]) => {
          const [px, py] = [x + (index * ADVANCE + Number(u)) * scale, y + Number(v) * scale];
          return `${px.toFixed(1)} ${py.toFixed(1)}`;
        });
        return `M${points.join('L')}`;
      }),
  );
  return `<path d="${paths.join('')}" fill="none" stroke="${colour}" stroke-width="${weight.toFixed(1)}" stroke-linecap="round" stroke-linejoin="round"/>`;
};
