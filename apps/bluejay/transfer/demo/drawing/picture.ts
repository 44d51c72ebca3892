/** Whole pictures, 4 to 3: a floor, what stands on it, and the marks of a technical drawing. */
import { createDice, type Dice } from '../random.ts';
import { letters, widthOf } from './lettering.ts';
import { MACHINES } from './machines.ts';
import { GRADIENTS, line, project, TONES, type ToneName } from './solids.ts';

export type MachineName = keyof typeof MACHINES;

export type Scene = {
  readonly machine: MachineName;
  readonly x: number;
  readonly y: number;
  readonly scale?: number;
  readonly tone?: ToneName;
};

export type Picture = {
  /** Decides about all that is not said; another name, another picture. */
  readonly name: string;
  readonly tone?: ToneName;
  /** Written into the block of the drawing. */
  readonly label?: string;
  /** From the farthest to the nearest. */
  readonly scenes: readonly Scene[];
};

export const WIDTH = 1_600;
export const HEIGHT = 1_200;

type Ground = { readonly paper: string; readonly marks: string; readonly ink: string };

const GROUNDS: readonly [Ground, ...Ground[]] = [
  { paper: '#DCEBFA', marks: '#B5D3F1', ink: '#000' },
  { paper: '#0066CC', marks: '#2A81D8', ink: '#FFF' },
  { paper: '#FDF0C4', marks: '#F3DB8A', ink: '#000' },
  { paper: '#F3F4F6', marks: '#D5D9DF', ink: '#000' },
  { paper: '#003B82', marks: '#0F529F', ink: '#FFF' },
  { paper: '#DDF3E5', marks: '#B3DFC4', ink: '#000' },
  { paper: '#EAB308', marks: '#F2C63D', ink: '#000' },
];

export const drawPicture = ({ name, tone, label, scenes }: Picture): string => {
  const dice = createDice(name);
  const ground = groundFor(dice, tone);
  const things = scenes.map(({ machine, x, y, scale = 1, tone: own }) => {
    const accent = TONES[own ?? tone ?? 'blue'];
    return `<g transform="translate(${x} ${y}) scale(${scale})">${MACHINES[machine](dice, accent)}</g>`;
  });
  return svg([
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="${ground.paper}"/>`,
    pattern(dice, ground),
    marks(ground),
    ...things,
    label === undefined ? '' : titleBlock(label, dice),
  ]);
};

export const svg = (parts: readonly string[], width = WIDTH, height = HEIGHT): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"><defs>${GRADIENTS}</defs>${parts.join('')}</svg>`;

/** What stands on it must not vanish in it. */
const groundFor = (dice: Dice, tone: ToneName | undefined): Ground => {
  const clashing: Readonly<Record<string, readonly string[]>> = { blue: ['#0066CC', '#003B82'], yellow: ['#EAB308'] };
  const hidden = clashing[tone ?? 'blue'] ?? [];
  const [first = GROUNDS[0], ...others] = GROUNDS.filter(({ paper }) => !hidden.includes(paper));
  return dice.pick([first, ...others]);
};

const pattern = (dice: Dice, { marks: colour }: Ground): string => {
  const stroke = `fill="none" stroke="${colour}" stroke-width="4"`;
  switch (dice.between(0, 3)) {
    case 0: {
      // The grid of the floor, as it is seen.
      const step = 120;
      const count = 22;
      const lines = Array.from({ length: count * 2 + 1 }, (_, index) => (index - count) * step).flatMap((at) => [
        line(
          [
            [at, -3_000, 0],
            [at, 3_000, 0],
          ],
          4,
          colour,
        ),
        line(
          [
            [-3_000, at, 0],
            [3_000, at, 0],
          ],
          4,
          colour,
        ),
      ]);
      return `<g transform="translate(800 720)">${lines.join('')}</g>`;
    }
    case 1:
      return dotted(60, colour);
    case 2:
      return Array.from({ length: 9 }, (_, index) => `<circle cx="1180" cy="360" r="${110 + index * 120}" ${stroke}/>`).join('');
    default:
      return `<g fill="none" stroke="${colour}" stroke-width="22">${Array.from({ length: 34 }, (_, index) => `<path d="M${-1_200 + index * 84} 1200l1200 -1200"/>`).join('')}</g>`;
  }
};

const dotted = (step: number, colour: string): string => {
  const dots: string[] = [];
  for (let x = step / 2; x < WIDTH; x += step)
    for (let y = step / 2; y < HEIGHT; y += step) dots.push(`<circle cx="${x}" cy="${y}" r="7"/>`);
  return `<g fill="${colour}">${dots.join('')}</g>`;
};

/** Crosses in the corners, a measure along the floor. */
const marks = ({ ink }: Ground): string => {
  const corner = (cx: number, cy: number): string =>
    `<path d="M${cx - 22} ${cy}h44M${cx} ${cy - 22}v44" stroke="${ink}" stroke-width="5"/>`;
  const from = project([-420, 360, 0]);
  const to = project([420, 360, 0]);
  const measure = `<g transform="translate(800 720)" stroke="${ink}" stroke-width="5" fill="none"><path d="M${from[0]} ${from[1]}L${to[0]} ${to[1]}"/><path d="M${from[0] - 16} ${from[1] + 16}l32 -32M${to[0] - 16} ${to[1] + 16}l32 -32"/></g>`;
  return [corner(60, 60), corner(WIDTH - 60, 60), corner(60, HEIGHT - 60), corner(WIDTH - 60, HEIGHT - 60), measure].join('');
};

const titleBlock = (label: string, dice: Dice): string => {
  const width = Math.max(widthOf(label, 44) + 70, 330);
  const [x, y] = [WIDTH - width - 90, HEIGHT - 210];
  return [
    `<rect x="${x + 12}" y="${y + 12}" width="${width}" height="130" fill="#000"/>`,
    `<rect x="${x}" y="${y}" width="${width}" height="130" fill="#FFF" stroke="#000" stroke-width="6"/>`,
    letters(label, { x: x + 34, y: y + 22, height: 44 }),
    `<path d="M${x} ${y + 86}h${width}" stroke="#000" stroke-width="4"/>`,
    letters(`SHEET ${dice.between(10, 99)}`, { x: x + 34, y: y + 98, height: 20 }),
    letters('1:2', { x: x + width - 90, y: y + 98, height: 20 }),
  ].join('');
};
